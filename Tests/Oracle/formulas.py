"""The language of section 6: numbers, aggregates, arithmetic, conditions.

A parsed formula is nested tuples: ("number", x), ("point", name), ("indicator", name), ("negative", a),
("operator", sign, a, b), ("function", name, arguments), ("aggregate", name, subject, quantile or None),
("condition", comparison, a, b).
"""

import re
from fractions import Fraction
from math import sqrt

TOKEN = re.compile(r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
                   r"|(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)"
                   r"|(?P<sign>==|!=|<=|>=|[<>()+\-*/,]))")

FUNCTIONS = {"least", "greatest", "abs", "clamp", "sqrt"}
AGGREGATES = {"mean", "min", "max", "first", "last", "integral", "delta", "rate", "percentile", "stddev", "count",
              "hours", "share", "coverage", "sample_mean", "sum", "highest"}
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


class Parser:
    def __init__(self, text):
        self.text, self.tokens = text, []
        at, text = 0, text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"cannot read {text[at:]!r}")
            self.tokens.append((match.lastgroup, match.group(match.lastgroup)))
            at = match.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self, sign=None):
        token = self.peek()
        if sign is not None and token != ("sign", sign):
            raise ValueError(f"expected {sign!r} in {self.text!r}")
        self.at += 1
        return token

    def whole(self, part):
        result = part()
        if self.at != len(self.tokens):
            raise ValueError(f"unexpected {self.peek()[1]!r} in {self.text!r}")
        return result

    def sum(self):
        left = self.product()
        while self.peek() in (("sign", "+"), ("sign", "-")):
            left = ("operator", self.take()[1], left, self.product())
        return left

    def product(self):
        left = self.signed()
        while self.peek() in (("sign", "*"), ("sign", "/")):
            left = ("operator", self.take()[1], left, self.signed())
        return left

    def signed(self):
        if self.peek() == ("sign", "-"):
            self.take()
            return ("negative", self.signed())
        return self.simple()

    def simple(self):
        kind, text = self.take()
        if kind == "number":
            return ("number", Fraction(text))
        if (kind, text) == ("sign", "("):
            inner = self.sum()
            self.take(")")
            return inner
        if kind != "name":
            raise ValueError(f"cannot read {self.text!r} at {text!r}")
        if self.peek() != ("sign", "("):
            return ("point" if "." in text else "indicator", text)
        self.take("(")
        if text in FUNCTIONS:
            arguments = [self.sum()]
            while self.peek() == ("sign", ","):
                self.take()
                arguments.append(self.sum())
            result = ("function", text, tuple(arguments))
        elif text in ("hours", "share"):
            result = ("aggregate", text, self.condition(), None)
        elif text in ("percentile", "highest"):
            subject = self.simple()
            self.take(",")
            result = ("aggregate", text, subject, Fraction(self.take()[1]))
        elif text in AGGREGATES:
            result = ("aggregate", text, self.simple(), None)
        else:
            raise ValueError(f"unknown function {text!r}")
        self.take(")")
        return result

    def condition(self):
        left = self.sum()
        kind, comparison = self.take()
        if comparison not in COMPARISONS:
            raise ValueError(f"expected a comparison in {self.text!r}")
        return ("condition", comparison, left, self.sum())


def formula(text):
    """A formula over aggregates (of an indicator) or over points (of a derived point)."""
    parser = Parser(text)
    return parser.whole(parser.sum)


def condition(text):
    """One comparison of arithmetic over points and numbers."""
    parser = Parser(text)
    return parser.whole(parser.condition)


def evaluate(tree, value_of):
    """The exact value of a tree; `value_of` gives that of a point, indicator or aggregate. None is undefined."""
    kind = tree[0]
    if kind == "number":
        return tree[1]
    if kind == "negative":
        inner = evaluate(tree[1], value_of)
        return None if inner is None else -inner
    if kind == "operator":
        left, right = evaluate(tree[2], value_of), evaluate(tree[3], value_of)
        if left is None or right is None:
            return None
        if tree[1] == "+":
            return left + right
        if tree[1] == "-":
            return left - right
        if tree[1] == "*":
            return left * right
        return None if right == 0 else left / right
    if kind == "function":
        arguments = [evaluate(argument, value_of) for argument in tree[2]]
        if any(argument is None for argument in arguments):
            return None
        if tree[1] == "least":
            return min(arguments)
        if tree[1] == "greatest":
            return max(arguments)
        if tree[1] == "abs":
            return abs(arguments[0])
        if tree[1] == "sqrt":
            return None if arguments[0] < 0 else Fraction(sqrt(arguments[0]))
        x, low, high = arguments
        return min(max(x, low), high)
    return value_of(tree)


def compare(comparison, left, right):
    """The truth of a comparison, exactly."""
    return {"==": left == right, "!=": left != right, "<": left < right, "<=": left <= right,
            ">": left > right, ">=": left >= right}[comparison]


def holds(tree, value_of):
    """The truth of a condition, or None where it is unknown."""
    left, right = evaluate(tree[2], value_of), evaluate(tree[3], value_of)
    return None if left is None or right is None else compare(tree[1], left, right)


def leaves(tree, kind):
    """The names of all points, or of all indicators, in a tree, in the order of the text and once each."""
    found = []

    def walk(node):
        if isinstance(node, tuple):
            if len(node) == 2 and node[0] == kind:
                if node[1] not in found:
                    found.append(node[1])
            else:
                for part in node:
                    walk(part)

    walk(tree)
    return found


def aggregates(tree):
    """Every aggregate in a tree."""
    found = []

    def walk(node):
        if isinstance(node, tuple):
            if node and node[0] == "aggregate":
                found.append(node)
            else:
                for part in node:
                    walk(part)

    walk(tree)
    return found
