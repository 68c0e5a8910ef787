"""The SVG: horizontal bars with the spread of the pairs."""

import html

WIDTH, LEFT, ROW, GAP = 760, 260, 18, 44
COLOURS = {"plain": "#8a8f98", "nothing": "#8a8f98"}
OURS, PEERS = "#2563a8", "#c58a3a"


def colour_of(name):
    if name in COLOURS or name.startswith("plain"):
        return COLOURS["plain"]
    ours = name.startswith(("shim", "curlretry"))
    return OURS if ours else PEERS


def panel_of(section):
    """(title, unit, [(name, value, low, high, text)]), or None."""
    kind = section.get("plot")
    if kind == "wall":
        bars = [(name, row["ratio"], row["ratio_low"], row["ratio_high"],
                 f"{row['ratio']:.2f}×")
                for name, row in section["wall"].items()]
        return section["title"], "wall time, plain = 1", bars
    if kind == "more":
        counts = section["instructions"]
        bars = [(name, value - counts["nothing"], None, None,
                 f"{value - counts['nothing']:,}")
                for name, value in counts.items() if name != "nothing"]
        return section["title"], "instructions more", bars
    if kind == "cut":
        bars = [(f"{v['client']}", v["median"], None, None,
                 f"{v['median']:.1f} s, {v['sent']:.2f}× sent")
                for v in section["values"]
                if v["cut"] == 90 and "ETag" in v["server"]]
        return section["title"], "seconds, cut at 90 %, ETag", bars
    return None


def text(x, y, words, anchor="start", style=""):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}"{style}>'
            f"{html.escape(words)}</text>")


def draw_panel(panel, top):
    title, unit, bars = panel
    most = max([b[1] for b in bars] + [b[3] or 0 for b in bars]) or 1
    scale = (WIDTH - LEFT - 150) / most
    lines = [text(10, top, title, style=' font-weight="bold"'),
             text(WIDTH - 10, top, unit, "end", ' fill="#666"')]
    y = top + 10
    for name, value, low, high, label in bars:
        middle = y + ROW / 2
        length = max(value, 0) * scale
        lines.append(text(LEFT - 8, middle + 4, name, "end"))
        lines.append(f'<rect x="{LEFT}" y="{y + 2}" width="{length:.1f}" '
                     f'height="{ROW - 4}" fill="{colour_of(name)}"/>')
        end = length
        if low is not None and high > low:
            lines.append(f'<path d="M{LEFT + low * scale:.1f} {middle}H'
                         f'{LEFT + high * scale:.1f}" stroke="#222"/>')
            end = max(length, high * scale)
        lines.append(text(f"{LEFT + end + 6:.1f}", middle + 4, label))
        y += ROW
    return lines, y


def write(result, path):
    panels = [panel for panel in map(panel_of, result["sections"]) if panel]
    top, lines = 30, []
    for panel in panels:
        drawn, bottom = draw_panel(panel, top)
        lines += drawn
        top = bottom + GAP
    height = max(top - GAP + 20, 40)
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{height}" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="12">\n'
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n'
            + "\n".join(lines) + "\n</svg>\n")
