"""Section 12: configurations that take each other's place in one record, computed in one batch.

    Chain([(configuration, since), ...], readings).document()

`since` is the instant from which a configuration is in force (the first one's counts for nothing), `readings` are those of all time,
each under the name that its point had in the configuration in force when it came.
"""

import re
from bisect import bisect_left, bisect_right
from copy import deepcopy

import formulas
from indicators import Indicator
from names import Registry
from objectives import Objective, episodes
from oracle import Site, nonconformity_row, value_row, verdict_row
from plant import Plant, listed
from quantities import as_float, elapsed, text_of

NAME = re.compile(r"(?<![\w.])[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?(?![\w.]|\s*\()")
INFINITE = float("inf")


class Chain:
    def __init__(self, versions, readings):
        """`readings`: rows (time text, point, value text, quality text, index of the version)."""
        self.since = [float("-inf")] + [since for _, since in versions[1:]]
        registry = Registry()
        known = [registry.take(configuration) for configuration, _ in versions]
        names = [taken.final() for taken in known]
        rows = [(text, names[version].points.get(point, point), value, quality)
                for text, point, value, quality, version in readings]
        self.sites = []
        for (configuration, _), found in zip(versions, names):
            plant = Plant(rewritten(configuration, found), rows, found.points)
            self.sites.append(ChainSite(self, len(self.sites), plant))
        plants = [site.plant for site in self.sites if site.plant.record_start is not None]
        reach = self.reach(plants) if plants else (None, None)
        for site in self.sites:
            site.plant.record_start, site.plant.last_reading = reach
        self._share_points()
        self.timelines = {}
        for version, site in enumerate(self.sites):
            self._enter(version, site)
        self.demands = {}
        for version, site in enumerate(self.sites):
            self._demand(version, site)
        for spans in self.demands.values():
            self._count(spans)

    @staticmethod
    def reach(plants):
        """The first and the last reading of any point in any version."""
        starts, ends = [plant.record_start for plant in plants], [plant.last_reading for plant in plants]
        return min(starts), max(ends)

    # Points

    def _share_points(self):
        """Rules of counters by the time of the reading; scales that changed; exchanges, which are facts."""
        for name in {name for site in self.sites for name in site.plant.points}:
            having = [v for v, site in enumerate(self.sites) if name in site.plant.points]
            rules, breaks = [], []
            for version, following in zip(having, having[1:] + [None]):
                plant = self.sites[version].plant
                point = plant.points[name]
                until = None if following is None else self.since[following]
                if plant.is_counter(name):
                    rules.append((until, plant.rules_of(point)))
                if following is not None and self.sites[following].plant.points[name].scale != point.scale:
                    breaks.append(until)
            for version in having:
                plant = self.sites[version].plant
                plant.earlier[name], plant.breaks[name] = rules, breaks
                plant.points[name].exchanges = self.sites[having[-1]].plant.points[name].exchanges

    # Indicators

    def _enter(self, version, site):
        """Gives each indicator of a version the windows that are its own."""
        since, record = self.since[version], site.plant.record_start
        for name, timeline in self.timelines.items():
            last = timeline.spans[-1]
            same = name in site.indicators and last.until == INFINITE and (
                self.sites[last.version].definition_of(name, site) == site.definition_of(name, self.sites[last.version]))
            if last.until == INFINITE and not same:
                last.until = since
        for name in site.indicators:
            timeline = self.timelines.setdefault(name, Timeline(self, name))
            if not timeline.spans:
                timeline.spans.append(Span(version, record if record is not None else float("-inf"), site, name))
                continue
            last = timeline.spans[-1]
            before = self.sites[version - 1]
            date = changed_from(before, site, name) if name in before.indicators else None
            if last.until == INFINITE:
                last.take(version, site)
            else:
                timeline.spans.append(Span(version, last.last_end(), site, name))
            if date is not None:
                timeline.restate(date, since)

    # Objectives

    def _demand(self, version, site):
        since = self.since[version]
        for name, spans in self.demands.items():
            if name not in site.objectives and spans[-1].gone_at is None:
                spans[-1].gone_at = since
        for name, objective in site.objectives.items():
            spans = self.demands.setdefault(name, [])
            before = self.sites[version - 1].objectives.get(name) if version else None
            if before is None:
                objective.since = since
                if spans and spans[-1].until == INFINITE:
                    spans[-1].until = spans[-1].gone_at
                spans.append(DemandSpan(objective, False))
                continue
            last = spans[-1]
            if demand_of(before) == demand_of(objective):
                objective.since, last.objective = last.objective.since, objective
            else:
                last.until = objective.since = since
                spans.append(DemandSpan(objective, before.definition["indicator"] in site.indicators))
            restated = self.timelines[objective.definition["indicator"]].restated.get(version, since)
            # What is restated is judged by the demand now in force, as far back as that indicator was judged.
            while (len(spans) > 1 and spans[-1].goes_on and restated < objective.since
                   and spans[-2].objective.definition["indicator"] == objective.definition["indicator"]):
                if spans[-2].objective.since >= restated:
                    objective.since, spans[-1].goes_on = spans[-2].objective.since, spans[-2].goes_on
                    del spans[-2]
                    continue
                objective.since = spans[-2].until = restated

    def _count(self, spans):
        """Tells each demand what counted as an exceedance before it."""
        counted = []
        for span in spans:
            objective = span.objective
            objective.counted = list(counted)
            for window in objective.indicator.values():
                if objective.since < window.end <= span.last and objective.judged(window) and window.status == "valid":
                    counted.append((window.end, objective.exceeds(window)))

    # What comes of it

    def document(self):
        return {"indicators": [value_row(name, value, span.indicator.unit_at(value.start))
                               for name, timeline in sorted(self.timelines.items())
                               for value, span in sorted(timeline.owned(), key=lambda v: (v[0].start, v[0].end))],
                "ledger": self._ledger(), "objectives": self._objectives(),
                "nonconformities": self._nonconformities()}

    def _ledger(self):
        last = {name: site.plant for site in self.sites for name in site.plant.points}
        return [{"point": name, "time": text_of(time), "entry": entry, "advance": as_float(advance)}
                for name, plant in sorted(last.items()) if plant.is_counter(name)
                for time, entry, advance in plant.counter(name).ledger.rows]

    def _objectives(self):
        return [verdict_row(name, verdict, span.objective.unit_at(verdict.start))
                for name, spans in sorted(self.demands.items())
                for span in spans for verdict in span.verdicts()]

    def _nonconformities(self):
        rows = []
        for name, spans in sorted(self.demands.items()):
            parts = []
            for span in spans:
                parts.append((span.objective, span.verdicts(), span.goes_on))
            found = episodes(parts, [span.last if span.gone_at is not None else None for span in spans])
            rows += [nonconformity_row(name, nonconformity) for nonconformity in found]
        return rows


class ChainSite(Site):
    """One version: its own definitions, over what all versions made."""

    def __init__(self, chain, version, plant):
        self.chain, self.version, self.views = chain, version, {}
        self._definitions = {}
        super().__init__(plant)

    def source(self, name):
        """The windows of an indicator as a definition of this version sees them."""
        if name not in self.views:
            self.views[name] = View(self.chain.timelines[name], self.indicators[name], self.version)
        return self.views[name]

    def make_objective(self, name, definition):
        objective = Objective(name, definition, self)
        objective.indicator = LazyView(self, definition["indicator"])
        objective.shape_of = objective.indicator.shape_of
        return objective

    def definition_of(self, name, other=None):
        """Everything that can change the numbers of an indicator; of its dated formulas what those are computed from that
        another version has as well."""
        key = name, id(other)
        if key not in self._definitions:
            self._definitions[key] = self._definition(name, other)
        return self._definitions[key]

    def _definition(self, name, other):
        indicator, given = self.indicators[name], self.plant.configuration["indicators"][name]
        trees = [indicator.versions[0][1].tree] + ([indicator.condition] if indicator.condition is not None else [])
        known = [tree for tree in trees]
        if other is not None and name in other.indicators:
            theirs = [(start, version.tree) for start, version in other.indicators[name].versions[1:]]
            known += [version.tree for start, version in indicator.versions[1:] if (start, version.tree) in theirs]
        points = [self.definition_of_point(point, other) for tree in known for point in formulas.leaves(tree, "point")]
        sources = [self.definition_of(source, other) for source in formulas.leaves(trees[0], "indicator")]
        grace = elapsed(given["grace"]) if "grace" in given else None
        return (indicator.shape(0), indicator.during, trees, indicator.min_coverage, indicator.min_count, grace, points, sources)

    def definition_of_point(self, name, other=None):
        plant = self.plant
        if name in plant.points:
            point = plant.points[name]
            return (name, point.kind, point.unit, point.max_gap, point.max_rate, point.modulus, point.resets,
                    point.scale, point.kind == "interval" and (point.interval, point.delay))
        tree, *later = plant.derived[name]
        theirs = other.plant.derived.get(name, [])[1:] if other is not None else []
        trees = [tree[1]] + [formula for start, formula in later if (start, formula) in theirs]
        return (name, plant.max_gap(name), tree[1],
                [self.definition_of_point(part, other) for one in trees for part in formulas.leaves(one, "point")])


class Span:
    """Windows of one definition of an indicator: those that end in (after, until]."""

    def __init__(self, version, after, site, name):
        self.after, self.until, self.name, self.first = after, INFINITE, name, version
        self.take(version, site)

    def take(self, version, site):
        """The newest version of the same definition has what is dated."""
        self.version, self.indicator, self.plant = version, site.indicators[self.name], site.plant

    def windows(self):
        if self.plant.record_start is None:
            return []
        after = max(self.after, self.plant.record_start)
        until = min(self.until, self.plant.last_reading)
        return self.indicator.rule.windows(after, until) if after < until else []

    def last_end(self):
        windows = self.windows()
        return windows[-1][1] if windows else self.after


class Timeline:
    """Every window of an indicator, whichever definition made it."""

    def __init__(self, chain, name):
        self.chain, self.name, self.spans, self._owned = chain, name, [], None
        self.restated = {}  # by version: after which window

    def owned(self):
        """(value, the span that it is of), in the order of their ends."""
        if self._owned is None:
            self._owned = [(span.indicator.value_in(start, end), span)
                           for span in self.spans for start, end in span.windows()]
            self._ends = [value.end for value, _ in self._owned]
            self._shapes = {id(value): span.indicator.shape(value.start) for value, span in self._owned}
            self._makers = {id(value): span.indicator for value, span in self._owned}
        return self._owned

    def shape(self, value):
        return self._shapes[id(value)]

    def maker(self, value):
        return self._makers[id(value)]

    def restate(self, date, since):
        """Hands windows over to the newest definition from a date on, as far back as windows of its rule go."""
        own, reached = date

        def left(span):
            return [end for start, end in span.windows()
                    if not (own is not None and start >= own or reached is not None and end > reached)]

        newest = self.spans[-1]
        while len(self.spans) > 1:
            before = self.spans[-2]
            if before.indicator.shape(0)[0] != newest.indicator.shape(0)[0]:
                break
            stays = left(before)
            newest.after = before.until = stays[-1] if stays else before.after
            if stays:
                break
            del self.spans[-2]
        stays = left(newest)
        self.restated[newest.version] = stays[-1] if stays else newest.after


class View:
    """A timeline as a definition sees it: what is of another unit or another rule cannot be added up; what a later
    definition made by another rule was not there."""

    def __init__(self, timeline, indicator, version):
        self.timeline, self.indicator, self.version = timeline, indicator, version
        self.rule = indicator.rule

    def inside(self, start, end):
        owned = self.timeline.owned()
        ends = self.timeline._ends
        shape = self.indicator.shape(end - 1)
        part = [one for one in owned[bisect_left(ends, start):bisect_right(ends, end)] if one[0].start >= start and (
            one[1].first <= self.version or self.timeline.shape(one[0])[0] == shape[0])]
        alike = [value for value, _ in part if self.timeline.shape(value) == shape]
        return alike, len(alike) < len(part)

    valid_inside = Indicator.valid_inside


class LazyView:
    """What an objective knows of its indicator, before all versions are known."""

    def __init__(self, site, name):
        self.site, self.name = site, name
        self.own = site.indicators[name]
        self.unit, self.rule = self.own.unit, self.own.rule

    def values(self):
        """Those that this version or one before it made, and those that a date has handed over since, by the same rule."""
        timeline = self.site.chain.timelines[self.name]
        return [value for value, span in timeline.owned()
                if span.first <= self.site.version or timeline.shape(value)[0] == self.own.shape(value.start)[0]]

    def shape_of(self, window):
        return self.site.chain.timelines[self.name].shape(window)

    def inside(self, start, end):
        return self.site.source(self.name).inside(start, end)

    def valid_inside(self, start, end):
        return self.site.source(self.name).valid_inside(start, end)

    def unit_at(self, start):
        return self.own.unit_at(start)

    def shape_at(self, start):
        return self.own.shape(start)

    def maker(self, window):
        """The indicator as the definition has it that made a window."""
        return self.site.chain.timelines[self.name].maker(window)


class DemandSpan:
    """What one demand of an objective judged."""

    def __init__(self, objective, goes_on):
        self.objective, self.goes_on = objective, goes_on
        self.until, self.gone_at = INFINITE, None

    @property
    def last(self):
        return self.until if self.gone_at is None else min(self.until, self.gone_at)

    def verdicts(self):
        return [verdict for verdict in self.objective.verdicts() if verdict.end <= self.last]


def demand_of(objective):
    """Everything that makes one demand another."""
    definition = {key: value for key, value in objective.definition.items()
                  if key not in ("title", "reference", "responsible", "severity", "recurrence", "was", "while")}
    condition = None
    if objective.condition is not None:
        condition = objective.condition, [objective.site.definition_of_point(name)
                                          for name in formulas.leaves(objective.condition, "point")]
    units = []
    for since, unit in objective.site.indicators[definition["indicator"]].units:
        # A dated formula in the same unit is no other demand.
        if not units or units[-1][1] != unit:
            units.append((since, unit))
    return definition, condition, objective.site.indicators[definition["indicator"]].shape(0), units


def changed_from(before, site, name):
    """From when on dated formulas of an indicator differ: (its own, those of what it is computed from), or None."""
    def differing(old, new):
        dates = [item[0] for item in old if item not in new] + [item[0] for item in new if item not in old]
        return min(dates, default=None)

    old, new = before.indicators[name], site.indicators[name]
    own = differing(old.dated_items(), new.dated_items())
    reached = []
    trees = [version.tree for indicator in (old, new) for _, version in indicator.versions]
    trees += [indicator.condition for indicator in (old, new) if indicator.condition is not None]
    points = {point for tree in trees for point in formulas.leaves(tree, "point")}
    while points:
        point = points.pop()
        if point in before.plant.derived and point in site.plant.derived:
            reached.append(differing(before.plant.derived[point][1:], site.plant.derived[point][1:]))
        for plant in (before.plant, site.plant):
            for _, tree in plant.derived.get(point, []):
                points |= set(formulas.leaves(tree, "point"))
    for source in {source for tree in trees for source in formulas.leaves(tree, "indicator")}:
        if source in before.indicators and source in site.indicators:
            reached += changed_from(before, site, source) or []
    reached = [date for date in reached if date is not None]
    if own is None and not reached:
        return None
    return own, min(reached, default=None)


def rewritten(configuration, names):
    """A configuration in which everything has the name that it has in the end."""
    configuration = deepcopy(configuration)

    def text(formula):
        return NAME.sub(lambda match: names.points.get(match[0]) or names.indicators.get(match[0], match[0]), formula)

    def rewrite(definition):
        for key in ("formula", "while"):
            if key in definition:
                if isinstance(definition[key], str):
                    definition[key] = text(definition[key])
                else:
                    definition[key] = [text(part) if isinstance(part, str) else {**part, "formula": text(part["formula"])}
                                       for part in definition[key]]
        return definition

    if "derived" in configuration:
        configuration["derived"] = {names.points[name]: rewrite(definition)
                                    for name, definition in listed(configuration["derived"]).items()}
    configuration["indicators"] = {names.indicators[name]: rewrite(definition)
                                   for name, definition in listed(configuration.get("indicators")).items()}
    for definition in listed(configuration.get("objectives")).values():
        definition["indicator"] = names.indicators[definition["indicator"]]
        rewrite(definition)
    configuration["objectives"] = {names.objectives[name]: definition
                                   for name, definition in listed(configuration.get("objectives")).items()}
    return configuration
