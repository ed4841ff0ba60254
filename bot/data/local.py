"""One neighbourhood: its name, places, kinds of help, words, and hours."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.data.calendar import DAY, Calendar, Span
from bot.data.mediating import Mediating, Screening, Topic
from bot.matching import fit
from bot.understanding.lexicon import Lexicon
from bot.understanding.numerals import blocks

LANGUAGES = ("zh", "en")
ROLES = ("moderator", "duty", "supervisor")  # whom an escalation may name
ALL_ROLES = {*ROLES, "steward", "mediator"}
# Kinds whose asker says yes to who comes; a risk may ask for it too (levels.toml).
YES_BY_APPROVAL = ("A2", "A3")
YES_BY_SENSITIVITY = ("S2", "S3")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LIMIT = re.compile(r"[1-9]\d*[hd]|-")  # hours or days of working time; "-": there is none
Named = Mapping[str, str]  # the same words in each language: {"zh": …, "en": …}
T = TypeVar("T")
A_WHILE = timedelta(minutes=30)  # staff need so long to look at what came before they opened


EFFECTS = (
    "hold",
    "keep",
    "route",
    "decline",
    "merge",
)  # what becomes of a need that is not let out as it stands
STEPS = ("", "change", "relief", "listen", "talk", "body")


class WrongData(ValueError):
    """A data file does not say what it must. The message names the file, the entry and the mend."""


@dataclass(frozen=True)
class Area:
    """A few blocks, as rough as a place is ever told; `near` are the areas next door.

    `community`: whose staff look after it, where several share one instance.
    """

    code: str
    name: Named
    first: int
    last: int
    near: tuple[str, ...] = ()
    community: str = ""


@dataclass(frozen=True)
class Community:
    """One of several neighbourhoods in one instance, with staff of its own; the empty code is the house itself."""

    code: str
    name: Named


@dataclass(frozen=True, eq=False)  # one of a kind: what is read from them is kept by which they are
class Kind:
    """A kind of help: a category, or one skill in it (taxonomy.toml).

    `limit`: what its volunteer leaves to others. `credentials`: one of these staff must have seen, if there are any.
    """

    code: str
    name: Named
    limit: Named
    urgency: str
    sensitivity: str
    approval: str
    credentials: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    front: int = 0  # its place on the first page
    category: str = ""  # a category has none
    wish: bool = False  # whether the asker may wish for a woman or a man


@dataclass(frozen=True)
class Credential:
    """What staff look at before somebody may do what needs it; `note` says what exactly they look at.

    `title`: whether it says something to those who are helped.
    """

    code: str
    name: Named
    note: Named
    title: bool = True


@dataclass(frozen=True)
class Risk:
    """What is told before a claim (R9), and the rule that goes with it.

    `yes`: whoever asked says yes to who comes. `two`: nobody goes alone; staff see to the second.
    """

    code: str
    name: Named
    rule: Named
    yes: bool = False
    two: bool = False
    bodily: bool = False  # somebody could be hurt: insured, and for adults only (R6)


@dataclass(frozen=True)
class Offer:
    """A standing post as it is proposed from the start (posts.toml).

    `weekdays`: Monday is 0; none: on call. `weeks`: of the month.
    """

    code: str
    name: Named
    note: Named
    place: Named
    kind: str
    slots: int
    days: tuple[str, ...] = ()
    starts: time | None = None
    minutes: int = 0
    weeks: tuple[int, ...] = ()
    credentials: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    insurance: bool = False
    agreement: bool = False
    booking: bool = False  # one can come to it with something of one's own, at a time one chooses

    @property
    def weekdays(self) -> list[int]:
        return [WEEK.index(day) for day in self.days]


@dataclass(frozen=True)
class Degree:
    """A step of sensitivity or of approval (levels.toml)."""

    code: str
    name: Named


@dataclass(frozen=True)
class Language:
    """What somebody speaks; `of`: the language of the bot that goes with it."""

    code: str
    name: Named
    of: str = ""


@dataclass(frozen=True)
class Reason:
    """Why a need is not let out as it stands: on the staff's button, and as the neighbour reads it.

    `effect`: what becomes of it (EFFECTS). `next`: the step she is offered (STEPS), if any.
    """

    code: str
    name: Named
    said: Named
    effect: str
    next: str = ""


@dataclass(frozen=True)
class Rule:
    """What everybody keeps to here."""

    code: str
    name: Named
    said: Named


@dataclass(frozen=True)
class RoleWords:
    """What a role of the staff is called, and what whoever holds it does (roles.toml)."""

    code: str
    name: Named
    said: Named


@dataclass(frozen=True)
class Identifier:
    """A sort of number that names somebody, as privacy.scrub finds it."""

    code: str
    name: Named


@dataclass(frozen=True)
class CodeWord:
    """What one says at the door and the other answers."""

    ask: Named
    answer: Named

    def between(self, *languages: str) -> CodeWord:
        """For two who use these languages, whoever reads it: where they differ both words stand, and either will do."""
        return CodeWord(*(dict.fromkeys(word, _in_each(word, languages)) for word in (self.ask, self.answer)))


def _in_each(word: Named, languages: tuple[str, ...]) -> str:
    return " / ".join(word[language] for language in dict.fromkeys(languages))


@dataclass(frozen=True)
class Hotline:
    """A public number, and the signs of danger it is for."""

    number: str
    name: Named
    signs: frozenset[str]


@dataclass(frozen=True)
class Outside:
    """Whom a neighbour can turn to when nobody here is the right one to look at her complaint."""

    name: Named
    phone: str


@dataclass(frozen=True)
class Body:
    """Whose something is, when it is not for neighbours (the `refer` of understanding/route.toml), and how to reach them.

    `days`: after so many she is asked whether they have answered.
    """

    code: str
    name: Named
    phone: str
    days: int


@dataclass(frozen=True)
class Level:
    """How soon somebody hears from us (local times), and how many hours there are to find somebody (see urgency.toml).

    `ack`, `assign`, `resolve`: how much working time there is to accept a need, to find somebody, to have it done.
    """

    code: str
    name: Named
    before: time
    same_day: time
    next_day: time
    hours: int
    ack: str
    assign: str
    resolve: str


@dataclass(frozen=True)
class Escalation:
    """Which role hears that nobody was found at half, three quarters and the end of the time there is."""

    half: str
    three_quarters: str
    full: str


@dataclass(frozen=True)
class Said:
    """Shapes of spoken days and times, for `str.format`."""

    day: Named
    day_of_year: Named
    near: Mapping[str, Named]
    moment: Named
    date_moment: Named
    any_time: Named
    at: Named
    after: Named
    before: Named
    between: Named
    days: Named
    across: Named


@dataclass(frozen=True)
class Local:
    """The neighbourhood this instance serves."""

    name: Named
    phone: str
    hours: Named
    outside: Outside
    bodies: tuple[Body, ...]
    prefix: str
    sample: int
    tz: ZoneInfo
    calendar: Calendar
    quiet_from: time
    quiet_until: time
    communities: tuple[Community, ...]
    areas: tuple[Area, ...]
    languages: tuple[Language, ...]
    kinds: tuple[Kind, ...]
    credentials: tuple[Credential, ...]
    risks: tuple[Risk, ...]
    approvals: tuple[Degree, ...]
    sensitivities: tuple[Degree, ...]
    reasons: tuple[Reason, ...]
    rules: tuple[Rule, ...]
    roles: tuple[RoleWords, ...]
    code_words: tuple[CodeWord, ...]
    posts: tuple[Offer, ...]
    hotlines: tuple[Hotline, ...]
    levels: tuple[Level, ...]
    escalation: Escalation
    mediation: Mediating
    named_identifiers: tuple[Identifier, ...]
    said: Said

    @classmethod
    def load(cls, path: Path | None = None) -> Local:
        """Read the files in `path` (this folder when None). Raises WrongData, which says how to mend them."""
        local = _ours() if path is None else _load(path)
        return replace(local, calendar=replace(local.calendar, own={}))

    def names(self) -> list[Named]:
        """What may stand on a button, in each language."""
        things: tuple[Area | Kind | Reason | Rule | Body | Credential | Language | RoleWords | Topic, ...] = (
            *self.areas,
            *self.kinds,
            *self.reasons,
            *self.rules,
            *self.bodies,
            *self.credentials,
            *self.languages,
            *self.roles,
            *self.mediation.topics,
        )
        return [thing.name for thing in things]

    @property
    def lexicon(self) -> Lexicon:
        """Reads which of its kinds of help somebody's words mean."""
        return _lexicon(self.kinds)

    def kind(self, code: str) -> Kind:
        """Raises KeyError for a code that is not in taxonomy.toml."""
        kind: Kind = _by_code(self.kinds, code)
        return kind

    @property
    def front(self) -> list[Kind]:
        """What most people ask for: the first page of the question."""
        return sorted((kind for kind in self.kinds if kind.front), key=lambda kind: kind.front)

    @property
    def categories(self) -> list[Kind]:
        return [kind for kind in self.kinds if not kind.category]

    def skills_of(self, category: str) -> list[Kind]:
        return [kind for kind in self.kinds if kind.category == category]

    def offers(self, code: str) -> list[str]:
        """Whoever offers one of these offers this kind: itself, its category, or for a category any skill in it.

        Raises KeyError for an unknown kind.
        """
        kind = self.kind(code)
        return [code, kind.category] if kind.category else [code, *(one.code for one in self.skills_of(code))]

    def language(self, code: str) -> Language:
        """Raises KeyError for a code that is not in community.toml."""
        language: Language = _by_code(self.languages, code)
        return language

    def spoken_in(self, bot_language: str) -> list[str]:
        """What is spoken by whoever uses the bot in this language."""
        return [language.code for language in self.languages if language.of == bot_language]

    @cached_property
    def rings(self) -> Mapping[str | None, list[list[str | None]]]:
        """From each area, and from an unknown place: the areas by how many borders lie between (bot.matching.fit.rings)."""
        borders = {area.code: area.near for area in self.areas}
        return {area: fit.rings(borders, area) for area in [*borders, None]}

    def credential(self, code: str) -> Credential | None:
        return next((one for one in self.credentials if one.code == code), None)

    def body(self, code: str) -> Body | None:
        return next((one for one in self.bodies if one.code == code), None)

    def degree(self, code: str) -> Degree:
        """A step of sensitivity or approval. Raises KeyError for a code that is not in levels.toml."""
        degree: Degree = _by_code((*self.sensitivities, *self.approvals), code)
        return degree

    def role(self, code: str) -> RoleWords:
        """Raises KeyError for a code that is not in roles.toml."""
        role: RoleWords = _by_code(self.roles, code)
        return role

    def risk(self, code: str) -> Risk:
        """Raises KeyError for a code that is not in levels.toml."""
        risk: Risk = _by_code(self.risks, code)
        return risk

    def asks_for_yes(self, code: str) -> bool:
        """Whether the asker says yes to who comes before the two are brought together. Raises KeyError for an unknown kind."""
        kind = self.kind(code)
        return (
            kind.approval in YES_BY_APPROVAL
            or kind.sensitivity in YES_BY_SENSITIVITY
            or any(self.risk(risk).yes for risk in kind.risks)
        )

    def needs_two(self, code: str) -> bool:
        """Whether nobody goes alone. Raises KeyError for an unknown kind."""
        return any(self.risk(risk).two for risk in self.kind(code).risks)

    def level(self, code: str) -> Level:
        """Raises KeyError for a code that is not in urgency.toml."""
        level: Level = _by_code(self.levels, code)
        return level

    def area(self, code: str) -> Area | None:
        return next((area for area in self.areas if area.code == code), None)

    def community(self, code: str) -> Community | None:
        return next((one for one in self.communities if one.code == code), None)

    @cached_property
    def community_by_area(self) -> dict[str, str]:
        """Whose staff look after each area; an unknown place is the house's own."""
        return {area.code: area.community for area in self.areas}

    def area_in(self, text: str) -> str | None:
        """The area of the block somebody names ("6 栋", "blocks 5-8", "7"), or None."""
        for block in blocks(text):
            for area in self.areas:
                if area.first <= block <= area.last:
                    return area.code
        return None

    def near(self, one: str | None, other: str | None) -> bool:
        """Whether two areas are the same or next door; an unknown place is near to nothing."""
        if one is None or other is None:
            return False
        area = self.area(one)
        return area is not None and (one == other or other in area.near)

    def reason(self, code: str) -> Reason | None:
        return next((reason for reason in self.reasons if reason.code == code), None)

    def rule(self, code: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.code == code), None)

    def identifiers(self, kinds: Iterable[str]) -> list[Identifier]:
        """The names of what privacy.scrub found. Raises KeyError for a kind without a name."""
        return [_by_code(self.named_identifiers, kind) for kind in kinds]

    def hotlines_for(self, signs: Iterable[str]) -> list[Hotline]:
        """The numbers for these dangers; all of them when none fits."""
        wanted = set(signs)
        return [line for line in self.hotlines if line.signs & wanted] or list(self.hotlines)

    def promise(self, now: datetime, urgency: str) -> datetime:
        """By when the neighbour hears from us, while staff are there: an instant in UTC, after `now`.

        Raises KeyError for an unknown level.
        """
        level = self.level(urgency)
        here = now.astimezone(self.tz)
        today = self.calendar.hours_on(here.date())
        if today and here.time() < min(today[0][0], level.next_day):
            return self._looked_at(here.date(), level.next_day)
        same_day = min(level.same_day, today[-1][1]) if today else here.time()
        if here.time() < min(level.before, same_day):
            return self._at(here.date(), same_day)
        return self._looked_at(self.calendar.next_day(here.date()), level.next_day)

    def _looked_at(self, day: date, moment: time) -> datetime:
        """That moment of the day; no sooner than staff have been there for a while, and before they leave."""
        hours = self.calendar.hours_on(day)
        first = self._at(day, hours[0][0]) + A_WHILE
        return min(max(self._at(day, moment), first), self._at(day, hours[-1][1]))

    def awake(self, now: datetime) -> datetime:
        """Now, or in quiet hours their end: when somebody may be asked for a favour."""
        here = now.astimezone(self.tz)
        if here.time() >= self.quiet_from:
            return self.morning_after(now)
        return self._at(here.date(), self.quiet_until) if here.time() < self.quiet_until else now

    def awake_for(self, urgency: str, now: datetime) -> datetime:
        """When somebody may be asked for this favour: what is urgent waits for nobody's sleep."""
        return now if urgency == "U1" else self.awake(now)

    def morning_after(self, now: datetime) -> datetime:
        """The end of quiet hours on the next local day."""
        return self._at(now.astimezone(self.tz).date() + DAY, self.quiet_until)

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self.tz).astimezone(UTC)


def _by_code(things: Iterable[Any], code: str) -> Any:
    found = next((thing for thing in things if thing.code == code), None)
    if found is None:
        raise KeyError(code)
    return found


@cache
def _lexicon(kinds: tuple[Kind, ...]) -> Lexicon:
    return Lexicon(kinds)


@cache  # what comes with the program does not change while it runs
def _ours() -> Local:
    return _load(Path(__file__).parent)


def _load(folder: Path) -> Local:
    community = _read(folder, "community.toml")
    taxonomy, degrees = _read(folder, "taxonomy.toml"), _read(folder, "levels.toml")
    urgency, said = _read(folder, "urgency.toml"), _read(folder, "said.toml")
    moderation = _read(folder, "moderation.toml")
    try:
        tz = ZoneInfo(community["time_zone"])
        local = Local(
            name=_words("community.toml", "name", community["name"]),
            phone=community["phone"],
            hours=_words("community.toml", "hours", community["hours"]),
            outside=_rows(Outside, "community.toml", [community["outside"]])[0],
            bodies=_rows(Body, "community.toml", community["body"]),
            prefix=community["prefix"],
            sample=community["sample"],
            tz=tz,
            calendar=_calendar(_read(folder, "calendar.toml"), tz),
            **community["day"],
            communities=_rows(Community, "community.toml", community.get("community", [])),
            areas=_rows(Area, "community.toml", community["area"]),
            code_words=_rows(CodeWord, "community.toml", community["code_word"]),
            languages=_rows(Language, "community.toml", community["language"]),
            posts=_rows(Offer, "posts.toml", _read(folder, "posts.toml")["post"]),
            kinds=_kinds(taxonomy),
            credentials=_rows(Credential, "levels.toml", degrees["credential"]),
            risks=_rows(Risk, "levels.toml", degrees["risk"]),
            approvals=_rows(Degree, "levels.toml", degrees["approval"]),
            sensitivities=_rows(Degree, "levels.toml", degrees["sensitivity"]),
            named_identifiers=_rows(
                Identifier,
                "identifiers.toml",
                [
                    {"code": code, "name": name}
                    for code, name in _read(folder, "identifiers.toml")["identifier"].items()
                ],
            ),
            reasons=_rows(Reason, "moderation.toml", moderation["reason"]),
            rules=_rows(Rule, "moderation.toml", moderation["rule"]),
            roles=_rows(RoleWords, "roles.toml", _read(folder, "roles.toml")["role"]),
            hotlines=_rows(
                Hotline,
                "hotlines.toml",
                [
                    {"signs": frozenset(row.pop("for")), **row}
                    for row in _read(folder, "hotlines.toml")["line"]
                ],
            ),
            levels=_rows(Level, "urgency.toml", urgency["level"]),
            escalation=Escalation(**urgency["escalation"]),
            mediation=_mediation(_read(folder, "mediation.toml"), community["mediation"]),
            said=Said(day=said["day"], day_of_year=said["day_of_year"], near=said["near"], **said["span"]),
        )
    except KeyError as missing:
        raise WrongData(f"a data file in {folder.name}/ lacks {missing}; add it") from missing
    except (TypeError, ZoneInfoNotFoundError) as error:
        raise WrongData(f"a data file in {folder.name}/ cannot be read: {error}") from error
    _check(local)
    return local


def _mediation(table: Mapping[str, Any], own: Mapping[str, Any]) -> Mediating:
    name = table["committee" if own["committee"] else "neighbours"]
    return Mediating(
        committee=own["committee"],
        name=_words("mediation.toml", "name", name),
        court_days=table["court_days"],
        screen=_rows(Screening, "mediation.toml", table["screen"]),
        topics=_rows(Topic, "mediation.toml", table["topic"]),
    )


def _calendar(found: Mapping[str, Any], tz: ZoneInfo) -> Calendar:
    if strange := set(found) - {"closed", "known_until", "week", "extra"}:
        raise WrongData(f"calendar.toml: {strange.pop()} is nothing anybody reads; take it out")
    try:
        extra = {date.fromisoformat(day): _spans(spans) for day, spans in found.get("extra", {}).items()}
        week = tuple(_spans(found["week"][day]) for day in WEEK)
    except ValueError as error:
        raise WrongData(
            f'calendar.toml: write days as 2027-02-14, hours as "08:00–18:00" ({error})'
        ) from error
    if not any(week):
        raise WrongData("calendar.toml: the week has no hours; give it some")
    return Calendar(tz, week, frozenset(found["closed"]), extra, found.get("known_until"))


def _spans(hours: list[str]) -> tuple[Span, ...]:
    """Raises ValueError for hours that are none, or not one after the other."""
    pairs = [one.replace("–", "-").split("-") for one in hours]
    spans = tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs)
    moments = [moment for span in spans for moment in span]
    if sorted(set(moments)) != moments:
        raise ValueError(f"{hours} are not one after the other")
    return spans


def _kinds(taxonomy: Mapping[str, Any]) -> tuple[Kind, ...]:
    """Categories, then skills; a skill without a limit of its own has its category's."""
    limits = {row["code"]: row.get("limit") for row in taxonomy["category"]}
    skills = [{"limit": limits.get(row["category"]), **row} for row in taxonomy["skill"]]
    return _rows(Kind, "taxonomy.toml", [*taxonomy["category"], *skills])


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        with (folder / name).open("rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongData(f"{name} cannot be read: {error}") from error


def _rows(sort: type[T], name: str, rows: Iterable[Mapping[str, Any]]) -> tuple[T, ...]:
    """Typed entries. Raises WrongData where a field is missing, unknown, or not said in every language."""
    known = {field.name for field in fields(sort)}  # type: ignore[arg-type]  # every sort here is a dataclass
    made = []
    for row in rows:
        code = str(row.get("code") or row.get("number") or "an entry")
        if strange := set(row) - known:
            raise WrongData(
                f"{name}: {code} has {', '.join(sorted(strange))}, which nobody reads; take it out"
            )
        values = {
            key: _words(name, f"{code}.{key}", value) if isinstance(value, dict) else value
            for key, value in row.items()
        }
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        try:
            made.append(sort(**values))
        except TypeError as error:
            raise WrongData(f"{name}: {code} is incomplete ({error})") from error
    return tuple(made)


def _words(name: str, what: str, words: Any) -> Named:
    if not isinstance(words, dict) or set(words) != set(LANGUAGES) or not all(words.values()):
        raise WrongData(f"{name}: {what} must be said in {' and '.join(LANGUAGES)}")
    return words


def _check(local: Local) -> None:
    coded: tuple[tuple[Any, ...], ...] = (
        local.areas,
        local.bodies,
        local.languages,
        local.kinds,
        local.credentials,
        local.risks,
        local.approvals,
        local.sensitivities,
        local.reasons,
        local.rules,
        local.levels,
        local.posts,
        local.roles,
        local.mediation.screen,
        local.mediation.topics,
    )
    for things in coded:
        codes = [thing.code for thing in things]
        if len(set(codes)) != len(codes) or not codes:
            raise WrongData(f"codes must be there and differ: {', '.join(codes) or 'there are none'}")
    if {one.code for one in local.roles} != ALL_ROLES:
        raise WrongData(f"roles.toml: there must be {', '.join(sorted(ALL_ROLES))}, each once")
    communities = [one.code for one in local.communities]
    if len(set(communities)) != len(communities):
        raise WrongData("community.toml: two communities have one code")
    for role in vars(local.escalation).values():
        if role not in ROLES:
            raise WrongData(f"urgency.toml: escalation names {role}; there are {', '.join(ROLES)}")
    for reason in local.reasons:
        if reason.effect not in EFFECTS or reason.next not in STEPS:
            raise WrongData(
                f"moderation.toml: {reason.code} needs an effect ({', '.join(EFFECTS)}) and one of the steps"
            )
    for body in local.bodies:
        if body.days < 1:
            raise WrongData(f"community.toml: {body.code} needs the days after which to ask")
    for level in local.levels:
        if not all(LIMIT.fullmatch(limit) for limit in (level.ack, level.assign, level.resolve)):
            raise WrongData(f'urgency.toml: {level.code} has a limit that is not like "4h", "3d" or "-"')
    for kind in local.kinds:
        _check_kind(local, kind)
    for area in local.areas:
        if area.community and local.community(area.community) is None:
            raise WrongData(f"community.toml: area {area.code} is in {area.community}, which is not in there")
        if area.first > area.last or any(local.area(code) is None for code in area.near):
            raise WrongData(f"community.toml: area {area.code} has blocks or neighbours that do not exist")
    for offer in local.posts:
        _check_offer(local, offer)
    if not local.code_words:
        raise WrongData("community.toml: at least one code_word is needed")


def _check_kind(local: Local, kind: Kind) -> None:
    named: tuple[tuple[str, Iterable[str], Iterable[Any], str], ...] = (
        ("urgency", [kind.urgency], local.levels, "urgency.toml"),
        ("category", filter(None, [kind.category]), local.categories, "taxonomy.toml"),
        ("credential", kind.credentials, local.credentials, "levels.toml"),
        ("risk", kind.risks, local.risks, "levels.toml"),
        ("approval", [kind.approval], local.approvals, "levels.toml"),
        ("sensitivity", [kind.sensitivity], local.sensitivities, "levels.toml"),
    )
    for what, codes, things, file in named:
        if strange := set(codes) - {thing.code for thing in things}:
            raise WrongData(
                f"taxonomy.toml: {kind.code} has the {what} {strange.pop()}, which is not in {file}"
            )


def _check_offer(local: Local, offer: Offer) -> None:
    named: tuple[tuple[str, Iterable[str], Iterable[str]], ...] = (
        ("kind", [offer.kind], [kind.code for kind in local.kinds]),
        ("credential", offer.credentials, [one.code for one in local.credentials]),
        ("risk", offer.risks, [risk.code for risk in local.risks]),
        ("day", offer.days, WEEK),
    )
    for what, codes, known in named:
        if strange := set(codes) - set(known):
            raise WrongData(f"posts.toml: {offer.code} has the {what} {strange.pop()}, which there is not")
    timed = offer.starts is not None and offer.minutes > 0
    if (bool(offer.days) is not timed) or offer.slots < 1 or not set(offer.weeks) <= set(range(1, 6)):
        raise WrongData(
            f"posts.toml: {offer.code} needs places, and days with a start and minutes, or none of the three"
        )
