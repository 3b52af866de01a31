"""Watches as people read them: one in full, the list of a chat, and the answers around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from aiogram.utils.formatting import Bold, Code, Italic, Text
from aiogram.utils.i18n import gettext as _

from bot.views import figures, names, numbers, words
from bot.views.phrases import TEXT_LIMIT, ago, fill, fitting, joined, lines, moment
from engine.chats import Hearing, Preferences, Watch
from engine.model import Token
from engine.settings import Settings
from engine.shown import Sight, Standing


def watching(
    sight: Sight, watch: Watch, wishes: Preferences, now: datetime, settings: Settings, *, lacks_scores: bool = False
) -> Text:
    """One watch: the token as it stands, what is heard of it, and whether the chat hears it at all.

    `lacks_scores` says that no scores come for want of paid figures.
    """
    token = sight.standing.token
    return lines(
        Text(Bold("👁 ", _("You watch:")), " ", names.title(token.symbol, token.name)),
        joined([Text(words.status(token.status)), figures.score(token.score)]),
        *_market(sight.standing, settings),
        _since(sight, watch, now, settings),
        "",
        *_heard(watch, lacks_scores),
        *_unheard(wishes, now),
        Code(token.mint),
    )


def watchlist(sights: Sequence[Sight], now: datetime, settings: Settings) -> Text:
    """What the chat watches, at most 4096 UTF-16 units whatever the tokens are called."""
    if not sights:
        return nothing_watched()
    return fitting((_list(sights, now, settings, limit) for limit in (24, 10, 4)), TEXT_LIMIT)


def nothing_watched() -> Text:
    """The answer where nothing is watched."""
    return fill(_("You watch no token here. Add one by its symbol or mint: {example}"), example=Code("/watch PEPE"))


def token_wanted() -> Text:
    """The answer to /watch without a token."""
    return fill(_("Tell me a symbol or a mint, for example {example}"), example=Code("/watch PEPE"))


def which_to_watch() -> Text:
    """The question where several tokens go by one symbol."""
    return lines(Bold(_("Several tokens go by that name. Which one?")), _("Their mints differ: compare the ends."))


def which_to_stop() -> Text:
    """The question of /unwatch."""
    return Text(Bold(_("Which token shall I watch no longer?")))


def not_watched(text: str) -> Text:
    """The answer to /unwatch of something else."""
    said = names.isolated(names.clean(text, 44) or _("(unnamed)"))
    return fill(_("{text} is not watched here. /watchlist shows what is."), text=said)


def stopped(token: Token) -> Text:
    """What takes the place of a watch that was ended."""
    return lines(Text(Bold(_("No longer watched:")), " ", names.title(token.symbol, token.name)), Code(token.mint))


def too_many(most: int) -> str:
    """The answer to one watch more than a chat may have."""
    return _("This chat watches {count} tokens already, the most it may. /unwatch one first.").format(count=most)


def begun(token: Token) -> str:
    """The toast of a watch that begins."""
    return _("Watching {name}").format(name=names.name(token.symbol or token.name))


def watched_no_more() -> str:
    """The toast of a tap on a watch that is gone."""
    return _("This token is not watched any more.")


def _market(standing: Standing, settings: Settings) -> Iterable[str]:
    sample = standing.sample
    if sample is None:
        return [_("no data")]
    trades = _("{count} tx in 5 min").format(count=numbers.count(sample.tx_count_5m))
    if not sample.trusted(settings.min_trusted_liquidity):
        return [f"{figures.pooled(sample.liquidity)} · {trades}"]
    cap = figures.capped(sample.market_cap, numbers.change(sample.price, standing.token.first_price))
    return [f"{cap} · {figures.pooled(sample.liquidity)} · {trades}"]


def _since(sight: Sight, watch: Watch, now: datetime, settings: Settings) -> Text:
    """How far the price came since watching began; without any look only when that was."""
    if sight.standing.sample is None:
        return Text(_("You began to watch {ago}").format(ago=ago(watch.created_at, now)))
    change = Bold(change_since(sight.standing, watch, settings))
    return fill(_("{change} since you began to watch, {ago}"), change=change, ago=ago(watch.created_at, now))


def change_since(standing: Standing, watch: Watch, settings: Settings) -> str:
    """The change of the price since watching began; "–" where it is not known or not trusted."""
    sample = standing.sample
    if sample is None or not sample.trusted(settings.min_trusted_liquidity):
        return numbers.MISSING
    return numbers.change(sample.price, watch.first_price)


def _heard(watch: Watch, lacks_scores: bool) -> Iterator[Text]:
    conditions = list(_conditions(watch, lacks_scores))
    yield Text(Bold(_("I tell you when:") if conditions else _("I tell you nothing of it: choose below.")))
    for condition in conditions:
        yield Text("• ", condition)


def _conditions(watch: Watch, lacks_scores: bool) -> Iterator[Text]:
    if watch.score is not None:
        reached = fill(_("the score reaches {level} from below"), level=f"{watch.score:g}")
        yield Text(reached, ", ", _("which takes paid figures that do not come")) if lacks_scores else reached
    if watch.price_percent is not None:
        yield _with_base(_("the price moves by {percent}%"), watch.price_percent, _price_base(watch))
    if watch.liquidity_percent is not None:
        yield _with_base(_("liquidity falls by {percent}% or is gone"), watch.liquidity_percent, _pool_base(watch))
    if watch.revived:
        yield Text(_("it comes back from the archive"))
    if watch.archived:
        yield Text(_("it is archived"))


def _with_base(template: str, percent: float, base: Text) -> Text:
    return Text(fill(template, percent=f"{percent:g}"), ", ", base)


def _price_base(watch: Watch) -> Text:
    return _base(numbers.price(watch.base_price), watch.base_price_at)


def _pool_base(watch: Watch) -> Text:
    return _base(numbers.usd(watch.base_liquidity), watch.base_liquidity_at)


def _base(figure: str, since: datetime | None) -> Text:
    """What a figure is compared with."""
    if since is None:
        return Text(_("counted from the next look"))
    return fill(_("counted from {figure} at {time}"), figure=figure, time=moment(since))


def _unheard(wishes: Preferences, now: datetime) -> Iterator[Text]:
    """Why the chat hears nothing of it at present."""
    if wishes.watched is Hearing.OFF:
        yield Text("🔕 ", Italic(_("Alerts about watched tokens are switched off in this chat.")))
    elif wishes.muted_until is not None and wishes.muted_until > now:
        yield Text("🔕 ", Italic(fill(_("This chat is muted until {time}."), time=moment(wishes.muted_until))))


def _list(sights: Sequence[Sight], now: datetime, settings: Settings, name_limit: int) -> Text:
    rows = [(number, sight, sight.watch) for number, sight in enumerate(sights, 1)]
    legend = _("★ score · ± price · 💧 liquidity · ♻️ active again · 🗄 archived")
    return lines(
        Bold("👁 ", _("Watchlist")),
        "",
        *(_entry(number, sight, watch, settings, name_limit) for number, sight, watch in rows if watch),
        "",
        Italic(legend),
        Italic(fill(_("The change is since watching began. As of {time}"), time=moment(now))),
    )


def _entry(number: int, sight: Sight, watch: Watch, settings: Settings, name_limit: int) -> Text:
    token = sight.standing.token
    parts = [f"★ {numbers.decimal(token.score)}", change_since(sight.standing, watch, settings)]
    title = names.title(token.symbol, None if token.symbol else token.name, name_limit)
    shown = f" · {' · '.join(parts)} · {names.short_mint(token.mint)}"
    return lines(Text(f"{number}. ", title, shown), Text("    ", _signs(watch)))


def _signs(watch: Watch) -> str:
    """What is watched, in signs."""
    signs = (
        f"★ {watch.score:g}" if watch.score is not None else "",
        f"±{watch.price_percent:g}%" if watch.price_percent is not None else "",
        f"💧 −{watch.liquidity_percent:g}%" if watch.liquidity_percent is not None else "",
        "♻️" if watch.revived else "",
        "🗄" if watch.archived else "",
    )
    return " · ".join(filter(None, signs)) or numbers.MISSING
