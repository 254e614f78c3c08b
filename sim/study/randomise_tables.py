"""The page of `seasweep exploit --randomise`."""

from sim.core.text import counted
from sim.scenario.tables import Cell, Column, Line, Page, Table, data_table
from sim.study.exploit_tables import share_cells, share_columns, smuggler_text, transfer_text
from sim.study.games import Mix, logit_chance
from sim.study.plans import busy_h, turn_round_share
from sim.study.randomise import Flown, Randomised
from sim.study.replies import Share
from sim.study.tables import title_lines

PLAN_NAMES = {"as_it_is": "the plan as it is", "best_mean": "the plan with the best mean", "by_lot": "the plan by lot"}
_FLOWN = {"sorties": "sorties", "cancelled_sorties": "cancelled", "flight_hours": "flight hours"}


def _per_cent(value: float) -> Cell:
    return Cell(value, f"{100.0 * value:.1f} %")


def _pure_plans(found: Randomised) -> Table:
    """A row for each pure plan: its guarantee, its mean and its share of the lots."""
    several = len(found.mixes.offer.routes) > 1
    way = (Column("route", wraps=False),) if several else ()
    numbers = [Column(name, wraps=False, right=True) for name in ("guarantee", "mean", "by lot")]
    table = Table("plans", (Column("take-off", "takeoff", wraps=False), *way, *numbers))
    for (plan, guarantee, mean), share in zip(found.plan_shares, found.mixes.lots.shares, strict=True):
        route = (plan.route,) if several else ()
        table.add_row(plan.takeoff, *route, *map(_per_cent, (guarantee, mean)), _per_cent(float(share)))
    return table


def _mixes(found: Randomised) -> Table:
    """A row for each mix, as the matrix has it, and those of the front."""
    mixes = found.mixes
    known = () if mixes.rationality is None else (Column(f"rationality {mixes.rationality:g}", "logit", right=True),)
    numbers = [Column(name, wraps=False, right=True) for name in ("guarantee", "mean")]
    table = Table("mixes", (Column("mix of these plans", "mix"), *numbers, *known))

    def add(name: str, mix: Mix, group: str = "") -> None:
        cells = [_per_cent(mix.guarantee), _per_cent(mix.mean)]
        if mixes.rationality is not None:
            cells.append(_per_cent(logit_chance(mixes.matrix, mix.shares, mixes.rationality, mixes.usual)))
        table.add_row(name, *cells, group=group)

    add("best guarantee", mixes.safest)
    if mixes.logit is not None:
        add("best that was found against a logit", mixes.logit)
    for number, mix in enumerate(mixes.front[1:-1]):
        add(f"between them, {number + 1} of {len(mixes.front) - 2}", mix)
    add("best mean", mixes.greatest)
    add("the plan by lot", mixes.worth(mixes.lots.shares))
    return table


def _flown(found: Randomised) -> Table:
    """The plans as they were flown, against each smuggler."""
    first = found.flown[0]
    asked = first.answer.asked
    verb = asked.measure.removeprefix("p_")
    more = share_columns("than as it is", asked.level, "gain", omit_order=1)
    who = Column("smuggler", wraps=False)
    table = Table("flown", (who, *share_columns(verb, asked.level, asked.measure), *more))
    for plan in found.flown:
        for one in plan.answer.smugglers:
            gain = None if plan is first else plan.gain(first, one.name)
            cells = share_cells(one.reply.share)
            than = () if gain is None else share_cells(gain, True)
            table.add_row(smuggler_text(one, plan.answer), *cells, *than, group=_plan_text(plan))
    return table


def _plan_text(plan: Flown) -> str:
    """A plan and what it flew."""
    flights = ", ".join(f"{plan.flights[name]:.1f} {words}" for name, words in _FLOWN.items())
    return f"{PLAN_NAMES[plan.name]}: {flights}"


def randomised_page(found: Randomised) -> Page:
    """The page: pure plans, mixes, the plans as flown, and one sentence."""
    tables = [_pure_plans(found), _mixes(found), _flown(found)]
    facts = {
        "scenario": found.name, "title": found.scenario.title, "seed": found.seed, "replications": found.replications,
        "patrol": found.mixes.offer.patrol, "source": found.flown[0].answer.tries.source,
        "measure": found.flown[0].answer.asked.measure, "sentence": sentence_of(found),
    }  # fmt: skip
    foot = [Line(sentence_of(found), "bold")]
    data = [_plan_data(found), _front_data(found), _flown_data(found)]
    return Page(tables, _head(found), _notes(found), foot=foot, facts=facts, data=data)


def sentence_of(found: Randomised) -> str:
    """The answer in one sentence, of the plans as flown."""
    before, after = found.flown[0].answer, found.of("by_lot").answer
    shares = [answer.smuggler(who) for who in ("knows_plan", "blind") for answer in (before, after)]
    texts = [_told(one.reply.share) for one in shares if one is not None]
    verb = before.asked.measure.removeprefix("p_")
    return (
        f"Flown by lot, one who knows the plan is {verb} in {texts[1]} of tries, in {texts[0]} under the plan as it "
        f"is; a blind one in {texts[3]}, before in {texts[2]}."
    )


def _told(share: Share) -> str:
    return f"{100.0 * share.value:.1f} % ({100.0 * share.low:.1f} to {100.0 * share.high:.1f} %)"


def _head(found: Randomised) -> list[Line]:
    """The lines above the tables."""
    answer, offer = found.flown[0].answer, found.mixes.offer
    plans, each = counted(len(found.plan_shares), "plan"), counted(found.replications, "replication")
    return [
        *title_lines(found.scenario),
        Line(f"{plans} of {offer.patrol}: {each} each, seed {found.seed}"),
        Line(f"judged by {counted(answer.tries.replications, 'replication')}, seed {found.seed + 1}"),
        Line(transfer_text(answer)),
    ]


def _notes(found: Randomised) -> list[str]:
    """What a reader must know."""
    mixes, lots = found.mixes, found.mixes.lots
    close = turn_round_share(lots, busy_h(found.scenario, mixes.offer.patrol))
    promised = mixes.worth(lots.shares).guarantee
    notes = [
        "guarantee: the least chance of all cells, if he knows the mix; mean: the chance of a blind smuggler",
        f"these take each day for itself and promise {100.0 * promised:.1f} % for the lots; as flown, the lots of two "
        "days may both meet a transfer, or both miss it",
        f"on {100.0 * close:.1f} % of days the lot comes before the aircraft is ready; then it waits, or is cancelled",
        f"the lots did best of {counted(len(found.trials), 'trial')} that were flown with seed {found.seed}",
    ]
    if mixes.logit is not None:
        notes.append("against a logit smuggler a mix is a local optimum: nobody has proved that it is the best of all")
    if len(mixes.offer.routes) > 1:
        notes.append("take-off and route are drawn apart, so the lots may be worth less than the best guarantee")
    return notes


def _plan_data(found: Randomised) -> Table:
    """The pure plans, for programs."""
    table = data_table("plans", "takeoff", "route", "guarantee", "mean", "best_guarantee", "best_mean", "by_lot")
    mixes = found.mixes
    parts = zip(found.plan_shares, mixes.safest.shares, mixes.greatest.shares, mixes.lots.shares, strict=True)
    for (plan, guarantee, mean), *shares in parts:
        table.add_row(plan.takeoff, plan.route, guarantee, mean, *(float(share) for share in shares))
    return table


def _front_data(found: Randomised) -> Table:
    """The front, for programs."""
    table = data_table("front", "guarantee", "mean")
    for mix in found.mixes.front:
        table.add_row(mix.guarantee, mix.mean)
    return table


def _flown_data(found: Randomised) -> Table:
    """The plans as flown, for programs."""
    shares = ("value", "low", "high", "gain", "gain_low", "gain_high")
    table = data_table("flown", "plan", "smuggler", *shares, *_FLOWN)
    first = found.flown[0]
    for plan in found.flown:
        for one in plan.answer.smugglers:
            gain, share = plan.gain(first, one.name), one.reply.share
            gains = (None, None, None) if gain is None or plan is first else (gain.value, gain.low, gain.high)
            flights = (plan.flights[name] for name in _FLOWN)
            table.add_row(plan.name, one.name, share.value, share.low, share.high, *gains, *flights)
    return table
