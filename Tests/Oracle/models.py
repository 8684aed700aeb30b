"""Section 12 of the rules: baseline models by ordinary least squares, exactly, and what decides whether they are used."""

from dataclasses import dataclass
from fractions import Fraction
from math import exp, floor, isinf, lgamma, log, log1p, sqrt

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
    values: list

    def __post_init__(self):
        rows = list(zip(*self.columns))
        self.residuals = [value - self.predicted(row) for value, row in zip(self.values, rows)]
        self.count, self.parameters = len(self.values), len(self.columns) + 1
        square = sum(r * r for r in self.residuals)
        # What is left of a model that fits but for the last digits measures nothing.
        is_exact = square <= LEAST_PART * sum(value * value for value in self.values)
        self.error = 0.0 if is_exact else sqrt(square / (self.count - self.parameters))
        self.autocorrelation = correlation(self.residuals[:-1], self.residuals[1:])

    @property
    def independent(self):
        """How many rows the rows are worth whose residuals follow each other."""
        rho = max(0.0, self.autocorrelation)
        return self.count * (1 - rho) / (1 + rho)

    def error_of_one(self, is_short):
        """The standard error of one window; None where too few rows are independent."""
        if not is_short:
            return self.error
        free = self.independent - self.parameters
        return self.error * sqrt((self.count - self.parameters) / free) if free > 0 else None

    def uncertainty(self, rows, confidence, is_short):
        """The uncertainty of what is saved over windows with these drivers together; None where there is none."""
        m, n, p = len(rows), self.count, self.parameters
        expected = float(sum(self.predicted(row) for row in rows))
        if is_short and self.autocorrelation > 0:
            free = self.independent - p
            if free <= 0:
                return None
            cv = self.error / abs(float(sum(self.values)) / n) * sqrt((n - p) / free)
            spread = sqrt(n / self.independent * (1 + 2 / self.independent) / m)
            return bound(confidence, max(1, floor(free + 0.5))) * 1.26 * cv * spread * abs(expected)
        means = [sum(column) / n for column in self.columns]
        gaps = [sum(row[i] for row in rows) / m - mean for i, mean in enumerate(means)]
        products = [[sum((x - a) * (y - b) for x, y in zip(left, right)) for right, b in zip(self.columns, means)]
                    for left, a in zip(self.columns, means)]
        form = sum(gap * part for gap, part in zip(gaps, solved(products, gaps)))
        return bound(confidence, n - p) * self.error * sqrt(m + m * m * (Fraction(1, n) + form))

    def predicted(self, values):
        return self.intercept + sum(slope * value for slope, value in zip(self.slopes, values))


def correlation(left, right):
    """Pearson's, 0 where one side stands still."""
    if len(left) < 2:
        return 0.0
    (_, x), (_, y) = centred(left), centred(right)
    size = sum(a * a for a in x) * sum(b * b for b in y)
    return float(sum(a * b for a, b in zip(x, y))) / sqrt(size) if size else 0.0


def bound(confidence, freedom):
    """The t that Student's stays within on both sides."""
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        if upper_share(freedom / (freedom + middle * middle), freedom / 2, 0.5) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def solved(matrix, right):
    """The solution of linear equations, exactly."""
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for i in range(len(rows)):
        pivot = next(j for j in range(i, len(rows)) if rows[j][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i])]
    return [row[-1] for row in rows]


def centred(values):
    mean = sum(values) / len(values)
    return mean, [value - mean for value in values]


def fit(values, columns, greatest_variation=None):
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
    found = Fit(intercept, slopes, columns, values)
    if greatest_variation is not None and not found.error / abs(float(mean)) <= greatest_variation:
        return None
    return found
