"""Values in, PNG bytes out: the card of one token, and the grid of many.

Pure: no clock, no token names, no global plotting state, so it may run in any thread; equal values give equal bytes.
"""

from bot.charts.card import sparklines
from bot.charts.grid import CELLS_AT_MOST, Cell, grid
from bot.charts.paint import MAX_BYTES
from bot.charts.words import ChartLabels

__all__ = ["CELLS_AT_MOST", "MAX_BYTES", "Cell", "ChartLabels", "grid", "sparklines"]
