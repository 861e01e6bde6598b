"""What a standard-cell library says of its cells: their logic, their loads, their energies.

A Liberty file is nested groups, `name (arguments) { … }`, of attributes, `name : value;` or
`name (values);`. Cells are read one by one, by name, because a library has some hundred.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: Of the library's rails the one that energy is drawn from.
SUPPLY = "VDD"


@dataclass
class Group:
    """A group's arguments, its attributes (the last of a name counts) and its groups by name."""

    arguments: str
    attributes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, list[Group]] = field(default_factory=dict)

    def all(self, name: str) -> list[Group]:
        return self.groups.get(name, [])


@dataclass(frozen=True)
class Cell:
    """A cell as the energy of its switching needs it; capacitances in fF, energies in fJ.

    `output_fj` maps a load to half the internal energy of a rise and a fall of the output.
    `passive_fj` is the mean of an input's change that moves no output, and of a clock's edges that
    move none.
    """

    name: str
    output: str
    function: str
    is_register: bool
    capacitance: dict[str, float]
    output_fj: list[tuple[float, float]]
    passive_fj: dict[str, float]
    leakage_pw: float


TOKEN = re.compile(r'"([^"]*)"|([{}();:,])|([^\s{}();:,"\\]+)')


def parse(text: str) -> Group:
    """The group that the text holds."""
    words = [quoted or mark or plain for quoted, mark, plain in TOKEN.findall(text)]
    position = 0

    def group() -> Group:
        nonlocal position
        end = words.index(")", position)
        made = Group(" ".join(words[position + 2 : end]))
        position = end + 2
        while words[position] != "}":
            name, mark = words[position : position + 2]
            if mark == ":":
                made.attributes[name] = words[position + 2]
                position += 4
                continue
            end = words.index(")", position)
            if words[end + 1] == "{":
                made.groups.setdefault(name, []).append(group())
            else:
                made.attributes[name] = ",".join(w for w in words[position + 2 : end] if w != ",")
                position = end + 2
        position += 1
        return made

    return group()


def numbers(text: str) -> list[float]:
    return [float(x) for x in text.replace(",", " ").split()]


def at_slew(table: Group, slew_ps: float) -> list[tuple[float, float]]:
    """A table's energies over loads, between the two slews that hold this one.

    A table over slews alone has one energy, that of load 0, and a scalar is it.
    """
    values = numbers(table.attributes["values"])
    if "index_1" not in table.attributes:
        return [(0.0, values[0])]
    slews = numbers(table.attributes["index_1"])
    loads = numbers(table.attributes.get("index_2", "0"))
    upper = next(i for i, slew in enumerate(slews) if slew >= slew_ps)
    lower = max(upper - 1, 0)
    part = (slew_ps - slews[lower]) / (slews[upper] - slews[lower]) if upper > lower else 0.0
    rows = [values[i * len(loads) : (i + 1) * len(loads)] for i in (lower, upper)]
    return [(load, a + part * (b - a)) for load, a, b in zip(loads, *rows)]


def mean(curves: list[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    """The mean of curves over the same loads."""
    return [(points[0][0], sum(y for _, y in points) / len(points)) for points in zip(*curves)]


def energies(pin: Group, slew_ps: float, edges: tuple[str, ...]) -> list[list]:
    """The supply's energies of a pin's edges, one curve for each condition that tells one.

    What is drawn from one rail in a rise and a fall returns through the other: the ground's tables
    tell the same energy again.
    """
    groups = [g for g in pin.all("internal_power") if g.attributes.get("related_pg_pin") == SUPPLY]
    tables = [t for g in groups for edge in edges for t in g.all(edge)]
    return [at_slew(table, slew_ps) for table in tables if table.arguments != "scalar"]


def cell(library: str, name: str, slew_ps: float) -> Cell:
    """Read one cell of a library's text.

    Raises:
        KeyError: if the library has no such cell, or one of several outputs.
    """
    begin = library.find(f"cell ({name})")
    if begin < 0:
        raise KeyError(name)
    # The library's own cells are indented by two.
    found = parse(library[begin : library.index("\n  }", begin) + 4])
    pins = {pin.arguments: pin for pin in found.all("pin")}
    outputs = [p for p, pin in pins.items() if pin.attributes["direction"] == "output"]
    if len(outputs) != 1:
        raise KeyError(f"{name} has {len(outputs)} outputs")
    register = found.all("ff")
    both = ("rise_power", "fall_power")
    passive = {}
    for pin in pins.keys() - outputs:
        curves = energies(pins[pin], slew_ps, both)
        passive[pin] = mean(curves)[0][1] if curves else 0.0
    leakage = [g for g in found.all("leakage_power") if "when" not in g.attributes]
    return Cell(
        name=name,
        output=outputs[0],
        function=(
            register[0].attributes["next_state"]
            if register
            else pins[outputs[0]].attributes["function"]
        ),
        is_register=bool(register),
        capacitance={
            p: float(pin.attributes["capacitance"]) for p, pin in pins.items() if p not in outputs
        },
        output_fj=mean(energies(pins[outputs[0]], slew_ps, both)),
        passive_fj=passive,
        leakage_pw=sum(float(g.attributes["value"]) for g in leakage),
    )


def at_load(curve: list[tuple[float, float]], load_ff: float) -> float:
    """A curve's energy at a load, constant beyond its ends."""
    if load_ff <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in zip(curve, curve[1:]):
        if load_ff <= x1:
            return y0 + (y1 - y0) * (load_ff - x0) / (x1 - x0)
    return curve[-1][1]


def supply_volts(library: str) -> float:
    """The supply's voltage."""
    found = re.search(rf"voltage_map\s*\({SUPPLY}, ([0-9.]+)\)", library)
    if found is None:
        raise KeyError(f"voltage_map ({SUPPLY}, …)")
    return float(found[1])
