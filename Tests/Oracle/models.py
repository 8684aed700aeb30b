"""Section 12 of the rules: baseline models by ordinary least squares, exactly, and what decides whether they are used."""

from dataclasses import dataclass
from fractions import Fraction
from math import exp, isinf, lgamma, log, log1p, sqrt

LEAST_PART = Fraction(1, 10**9) ** 2
LEAST_OF_CENTRED = Fraction(1, 10**10) ** 2


def upper_share(x, a, b):
    """The regularized incomplete beta function by its power series, on the side where that converges well."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - upper_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a + 1) - lgamma(b) + a * log(x) + b * log1p(-x))
    total = term = 1.0
    n = 0
    while term > total * 1e-17 and n < 100_000:
        term *= x * (a + b + n) / (a + 1 + n)
        total += term
        n += 1
    return front * total


@dataclass
class Fit:
    """A usable regression."""
    intercept: Fraction
    slopes: list
    columns: list

    def predicted(self, values):
        return self.intercept + sum(slope * value for slope, value in zip(self.slopes, values))


def centred(values):
    mean = sum(values) / len(values)
    return mean, [value - mean for value in values]


def fit(values, columns):
    """The model of exact values by columns of drivers; None where there is none, or it may not be used."""
    n, k = len(values), len(columns)
    if n < k + 2:
        return None
    means, rest = zip(*[centred(column) for column in columns])
    mean, y = centred(values)
    # Gram-Schmidt: what is left of each driver beside the mean and the drivers before it.
    basis, factors = [], []
    for column, left in zip(columns, rest):
        row = []
        whole = sum(value * value for value in left)
        for before, square in basis:
            factor = sum(a * b for a, b in zip(left, before)) / square
            row.append(factor)
        left = [value - sum(f * before[i] for f, (before, _) in zip(row, basis)) for i, value in enumerate(left)]
        square = sum(value * value for value in left)
        if square <= LEAST_PART * sum(value * value for value in column) or square <= LEAST_OF_CENTRED * whole:
            return None
        basis.append((left, square))
        factors.append(row)
    along = [sum(a * b for a, b in zip(y, before)) / square for before, square in basis]
    total = sum(value * value for value in y)
    left = [value - sum(c * before[i] for c, (before, _) in zip(along, basis)) for i, value in enumerate(y)]
    unexplained = sum(value * value for value in left)
    if total <= LEAST_PART * sum(value * value for value in values):
        return None
    slopes = list(along)
    inverse = [[Fraction(int(i == j)) for j in range(k)] for i in range(k)]  # slopes by what lies along the basis
    for j in reversed(range(k)):
        for i in range(j):
            slopes[i] -= factors[j][i] * slopes[j]
            inverse[i] = [a - factors[j][i] * b for a, b in zip(inverse[i], inverse[j])]
    freedom = n - k - 1
    variance = unexplained / freedom
    f = float((total - unexplained) / k / variance) if variance else float("inf")
    if not (0.0 if isinf(f) else upper_share(freedom / (freedom + k * f), freedom / 2, k / 2)) < 0.10:
        return None
    if not 1 - unexplained / total >= Fraction(1, 2):
        return None
    for i in range(k):
        spread = variance * sum(c * c / square for c, (_, square) in zip(inverse[i], basis))
        if spread:
            t = float(slopes[i]) / sqrt(spread)
            if not upper_share(freedom / (freedom + t * t), freedom / 2, 0.5) < 0.20:
                return None
    intercept = mean - sum(slope * m for slope, m in zip(slopes, means))
    return Fit(intercept, slopes, columns)
