# SPDX-License-Identifier: GPL-2.0
"""A group's figures as a table, as CSV and as a plot."""

import csv
from xml.sax.saxutils import escape

COLOURS = {"plain": "#999999", "flowtable": "#66aa88", "stock": "#cc7744", "stock20": "#aa5522", "lvs": "#3366bb"}


class Figures:
    """The figures of one group: by row, then by contender."""

    def __init__(self, name, title, unit, contenders, about):
        self.name, self.title, self.unit, self.contenders, self.about = name, title, unit, contenders, about
        self.rows = {}

    def note(self, row, contender, figure):
        self.rows.setdefault(row, {})[contender] = figure

    def ratio(self, row):
        """lvs to stock; None where either was not measured."""
        figures = self.rows[row]
        stock = figures.get("stock") or figures.get("stock20")
        return figures["lvs"] / stock if stock and "lvs" in figures else None

    def cells(self, row):
        """As text, in the order of contenders, and the ratio."""
        values = [self.rows[row].get(contender) for contender in self.contenders]
        ratio = self.ratio(row)
        return ["" if value is None else f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"
                for value in values] + ["" if ratio is None else f"{ratio:.3f}"]

    def heads(self):
        return self.contenders + ["lvs/stock"]


def print_table(figures):
    width = max(map(len, figures.rows)) + 2
    print(f"\n{figures.name}: {figures.title}; {figures.unit}")
    print(" " * width + "".join(f"{head:>10}" for head in figures.heads()))
    for row in figures.rows:
        print(f"{row:{width}}" + "".join(f"{cell:>10}" for cell in figures.cells(row)), flush=True)


def write_csv(figures, path):
    with open(path, "w", newline="", encoding="ascii") as f:
        f.write(f"# {figures.about}: {figures.title}; {figures.unit}\n")
        table = csv.writer(f, lineterminator="\n")
        table.writerow(["case"] + figures.heads())
        for row in figures.rows:
            table.writerow([row] + figures.cells(row))


def bars(figures):
    """(row's name or None, contender, figure) from top to bottom."""
    for row, by_contender in figures.rows.items():
        name = row
        for contender in figures.contenders:
            if by_contender.get(contender) is not None:
                yield name, contender, by_contender[contender]
                name = None


def write_svg(figures, path):
    """Horizontal bars, a group of them for each row."""
    left, width, height, gap = 330, 520, 9, 6
    most = max(figure for _, _, figure in bars(figures)) or 1
    y, out = 42, []
    for name, contender, figure in bars(figures):
        if name is not None:
            y += gap
            out.append(f'<text x="{left - 6}" y="{y + height}" text-anchor="end">{escape(name)}</text>')
        length = max(figure, 0) / most * width
        out.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{height - 1}" fill="{COLOURS[contender]}"/>')
        out.append(f'<text x="{left + length + 4:.1f}" y="{y + height - 1}" font-size="8">{figure:.0f}</text>')
        y += height
    for i, contender in enumerate(figures.contenders):
        out.append(f'<text x="{left + i * 90}" y="34" fill="{COLOURS[contender]}">{contender}</text>')
    with open(path, "w", encoding="ascii") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{y + 12}" '
                'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="white"/>\n'
                f'<text x="6" y="14">{escape(figures.about)}</text>\n'
                f'<text x="6" y="34">{escape(figures.unit)}</text>\n' + "\n".join(out) + "\n</svg>\n")


def write(figures, folder):
    write_csv(figures, f"{folder}/{figures.name}.csv")
    write_svg(figures, f"{folder}/{figures.name}.svg")
