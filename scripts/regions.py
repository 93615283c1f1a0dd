#!/usr/bin/env python3
"""Turns testdata/kz/regions.geojson into internal/draw/data/kz.txt.

A border is shared by two regions and thinned once, as one arc, so that no gap
opens between them. Each line of the output: code, the point for a label, and
the path in a box of 640 by 350 units, in relative steps.
"""
import json, math, sys
from collections import defaultdict

WIDTH, EPS, SMALL = 640, 1.1, {"KZ-71", "KZ-75", "KZ-79"}
src, out = sys.argv[1:3]
features = json.load(open(src, encoding="utf-8"))["features"]

def rings(geometry):
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[tuple(p) for p in ring[:-1]] for polygon in polygons for ring in polygon]

regions = {"KZ-" + f["properties"]["KATO"][:2]: rings(f["geometry"]) for f in features}
points = [p for rs in regions.values() for r in rs for p in r]
west, east = min(p[0] for p in points), max(p[0] for p in points)
south, north = min(p[1] for p in points), max(p[1] for p in points)
squeeze = math.cos(math.radians((south + north) / 2))
scale = (WIDTH - 8) / ((east - west) * squeeze)
project = lambda p: (4 + (p[0] - west) * squeeze * scale, 4 + (north - p[1]) * scale)

# Where more than two ways meet, arcs begin and end.
ways = defaultdict(set)
for rs in regions.values():
    for r in rs:
        for i, p in enumerate(r):
            ways[p] |= {r[i - 1], r[(i + 1) % len(r)]}
users = defaultdict(set)
for code, rs in regions.items():
    for r in rs:
        for p in r:
            users[p].add(code)

def thin(line, eps):
    if len(line) < 3:
        return line
    (x1, y1), (x2, y2) = project(line[0]), project(line[-1])
    length = math.hypot(x2 - x1, y2 - y1)
    far, at = -1, 0
    for i in range(1, len(line) - 1):
        x, y = project(line[i])
        d = abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length if length else math.hypot(x - x1, y - y1)
        if d > far:
            far, at = d, i
    if far <= eps:
        return [line[0], line[-1]]
    return thin(line[: at + 1], eps)[:-1] + thin(line[at:], eps)

def simple(code, ring):
    nodes = [i for i, p in enumerate(ring) if len(ways[p]) > 2 or users[p] != users[ring[i - 1]]]
    if not nodes:
        nodes = [0, len(ring) // 2]
    result = []
    for a, b in zip(nodes, nodes[1:] + [nodes[0] + len(ring)]):
        arc = [ring[i % len(ring)] for i in range(a, b + 1)]
        back = arc[0] > arc[-1]  # the same direction from both sides
        if back:
            arc.reverse()
        cities = any(users[p] & SMALL for p in arc[1:-1] or arc)
        arc = thin(arc, EPS / 3 if cities else EPS)
        if back:
            arc.reverse()
        result += arc[:-1]
    return result

def area(pts):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(pts, pts[1:] + pts[:1])) / 2

def inside(pts, x, y):
    hit = False
    for (x1, y1), (x2, y2) in zip(pts, pts[1:] + pts[:1]):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit

def label(outer, holes):
    """The point of a grid that is farthest from every border."""
    xs, ys = [p[0] for p in outer], [p[1] for p in outer]
    edges = [e for r in [outer] + holes for e in zip(r, r[1:] + r[:1])]
    def clearance(x, y):
        best = 1e9
        for (x1, y1), (x2, y2) in edges:
            dx, dy = x2 - x1, y2 - y1
            t = max(0, min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy or 1)))
            best = min(best, math.hypot(x - x1 - t * dx, y - y1 - t * dy))
        return best
    grid = [(min(xs) + (max(xs) - min(xs)) * i / 40, min(ys) + (max(ys) - min(ys)) * j / 40) for i in range(41) for j in range(41)]
    return max((g for g in grid if inside(outer, *g) and not any(inside(h, *g) for h in holes)), key=lambda g: clearance(*g))

lines = []
for code in sorted(regions):
    shapes = []
    for ring in regions[code]:
        pts = [project(p) for p in simple(code, ring)]
        # islands of less than a few units are left out of the drawing
        if abs(area(pts)) > 6 or code in SMALL:
            shapes.append(pts)
    shapes.sort(key=lambda pts: -abs(area(pts)))
    x, y = label(shapes[0], shapes[1:])
    d, unit = "", 2  # half units
    for pts in shapes:
        q = [(round(px * unit), round(py * unit)) for px, py in pts]
        q = [p for i, p in enumerate(q) if p != q[i - 1]]
        d += "M%d %dl" % q[0]
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(q, q[1:])]
        body = ""
        for s in steps:
            for n in s:
                body += (" " if body and n >= 0 else "") + str(n)
        d += body + "z"
    lines.append("%s %d %d %s" % (code, round(x * unit), round(y * unit), d))

with open(out, "w", encoding="utf-8") as f:
    f.write("""# The 20 regions of Kazakhstan in 2024: code, point for a label, path in a box
# of 1280 by 704. Borders: geokz, CC BY 4.0; projected and simplified by
# scripts/regions.py.
""")
    f.write("\n".join(lines) + "\n")
print(len(open(out).read()), "bytes; height", 8 + (north - south) * scale)
