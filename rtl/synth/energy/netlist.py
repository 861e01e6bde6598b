"""A mapped netlist that runs: many streams of random operands at once, and counts what switches.

Every net is a whole number with one bit for each stream. A cycle evaluates all gates once, in the
order of their inputs, so it has no glitches: a net changes at most once in a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import liberty


@dataclass(frozen=True)
class Gate:
    """An instance: its cell, and the net at each pin."""

    cell: liberty.Cell
    pins: dict[str, str]

    @property
    def net(self) -> str:
        return self.pins[self.cell.output]


class Netlist:
    """Gates and flip-flops of a flat BLIF netlist, compiled to Python."""

    def __init__(self, blif: str, library: str, slew_ps: float, streams: int) -> None:
        cells: dict[str, liberty.Cell] = {}
        self.gates: list[Gate] = []
        self.inputs: list[str] = []
        aliases: dict[str, str] = {}
        for line in blif.replace("\\\n", " ").splitlines():
            words = line.split()
            if words[:1] == [".inputs"]:
                self.inputs += words[1:]
            elif words[:1] == [".names"] and len(words) == 3:
                aliases[words[2]] = words[1]
            elif words[:1] == [".gate"]:
                name = words[1]
                if name not in cells:
                    cells[name] = liberty.cell(library, name, slew_ps)
                pins = dict(pair.split("=", 1) for pair in words[2:])
                self.gates.append(Gate(cells[name], pins))
        self.aliases = aliases
        self.mask = (1 << streams) - 1
        self.streams = streams
        self.loads = self._loads()
        self.registers = [gate for gate in self.gates if gate.cell.is_register]
        self.logic = self._ordered()
        names = [self._origin(net) for net in self.inputs]
        names += [gate.net for gate in self.registers + self.logic]
        self.place = {net: index for index, net in enumerate(names)}
        self.place |= {"$false": len(names), "$undef": len(names), "$true": len(names) + 1}
        self.settled: list[int] = []
        self.values = [0] * (len(names) + 1) + [self.mask]
        self._evaluate = self._compiled(self.logic)
        self._next = self._compiled(self.registers)

    def _origin(self, net: str) -> str:
        while net in self.aliases:
            net = self.aliases[net]
        return net

    def _loads(self) -> dict[str, float]:
        """fF of the pins that each net drives; wires have none, for nothing is placed."""
        loads: dict[str, float] = {}
        for gate in self.gates:
            for pin, capacitance in gate.cell.capacitance.items():
                net = self._origin(gate.pins[pin])
                loads[net] = loads.get(net, 0.0) + capacitance
        return loads

    def _ordered(self) -> list[Gate]:
        """Gates after those whose nets they read."""
        driver = {gate.net: gate for gate in self.gates if not gate.cell.is_register}
        ordered: list[Gate] = []
        done: set[str] = set()
        for start in driver.values():
            stack = [(start, False)]
            while stack:
                gate, is_ready = stack.pop()
                if is_ready:
                    ordered.append(gate)
                elif gate.net not in done:
                    done.add(gate.net)
                    stack.append((gate, True))
                    nets = (self._origin(gate.pins[pin]) for pin in gate.cell.capacitance)
                    stack += [(driver[n], False) for n in nets if n in driver and n not in done]
        return ordered

    def _compiled(self, gates: list[Gate]):
        """A function that computes the gates' nets from all values, in order."""
        lines = ["def run(v, mask):"]
        for gate in gates:
            function = gate.cell.function
            for sign, python in (("!", "~"), ("*", "&"), ("+", "|")):
                function = function.replace(sign, python)
            # Pin names have letters and digits alone; longer ones hold shorter ones.
            for pin in sorted(gate.cell.capacitance, key=len, reverse=True):
                function = function.replace(pin, f"@{list(gate.cell.capacitance).index(pin)}@")
            for index, pin in enumerate(gate.cell.capacitance):
                place = self.place.get(self._origin(gate.pins[pin]))
                function = function.replace(f"@{index}@", f"v[{place}]")
            target = f"v[{self.place[gate.net]}]"
            lines.append(f"    {target} = ({function}) & mask")
        scope: dict = {}
        exec("\n".join([*lines, "    return v"]), scope)
        return scope["run"]

    def cycle(self, inputs: dict[str, int]) -> None:
        """Set the inputs, let the logic follow, and clock the registers."""
        for net, value in inputs.items():
            self.values[self.place[self._origin(net)]] = value
        self._evaluate(self.values, self.mask)
        self.settled = list(self.values)
        # All registers read before any of them changes.
        after = self._next(list(self.values), self.mask)
        for gate in self.registers:
            at = self.place[gate.net]
            self.values[at] = after[at]

    def place_of(self, gate: Gate, pin: str) -> int:
        """Where the value at a gate's pin is."""
        return self.place[self._origin(gate.pins[pin])]

    def word(self, name: str, width: int, stream: int) -> int:
        """An output's bits of one stream, as the logic left them."""
        found = 0
        for bit in range(width):
            at = self.place[self._origin(f"{name}[{bit}]")]
            found |= (self.values[at] >> stream & 1) << bit
        return found
