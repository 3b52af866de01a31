"""Birdeye's token_overview -> a sample. Pure; the only file that knows this endpoint's fields."""

from __future__ import annotations

from datetime import datetime

from engine import fields
from engine.errors import NoDataYet
from engine.model import Sample, Source
from engine.reader import Complain, Reader, data_of


def parse_overview(body: object, mint: str, now: datetime, complain: Complain = lambda _: None) -> Sample:
    """The figures in a token_overview answer. A field that is wrong or contradicts its parts is None and complained of.

    Raises NoDataYet when the answer has no figures, or those of another token.
    """
    read = Reader(data_of(body, mint), complain)
    trades_5m, _, _ = read.window(fields.count, "trade5m", "buy5m", "sell5m")
    trades_1h, _, _ = read.window(fields.count, "trade1h", "buy1h", "sell1h")
    volume_5m, buys_5m, sells_5m = read.window(fields.amount, "v5mUSD", "vBuy5mUSD", "vSell5mUSD")
    volume_1h, _, _ = read.window(fields.amount, "v1hUSD", "vBuy1hUSD", "vSell1hUSD")
    trades_5m, trades_1h = fields.nested(trades_5m, trades_1h, lambda: complain("trade5m against trade1h"))
    volume_5m, volume_1h = fields.nested(volume_5m, volume_1h, lambda: complain("v5mUSD against v1hUSD"))
    sample = Sample(
        ts=now,
        source=Source.BIRDEYE,
        price=read("price", fields.positive),
        liquidity=read("liquidity", fields.amount),
        market_cap=read("marketCap", fields.positive) or read("mc", fields.positive),
        holders=read("holder", fields.count),
        tx_count_5m=trades_5m,
        tx_count_1h=trades_1h,
        volume_5m=volume_5m,
        volume_1h=volume_1h,
        buys_volume_5m=buys_5m,
        sells_volume_5m=sells_5m,
        last_trade_at=read("lastTradeUnixTime", lambda value: fields.moment(value, now)),
        symbol=read("symbol", lambda value: fields.text(value, 64)),
        name=read("name", lambda value: fields.text(value, 128)),
    )
    if not _has_figures(sample):
        raise NoDataYet("Birdeye knows this token but has no figures yet", "no_figures")
    return sample


def _has_figures(sample: Sample) -> bool:
    figures = (sample.price, sample.liquidity, sample.holders, sample.tx_count_5m, sample.tx_count_1h)
    return any(figure is not None for figure in (*figures, sample.volume_5m, sample.volume_1h))
