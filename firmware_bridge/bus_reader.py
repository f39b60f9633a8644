"""Carries out a plan, again and again, and says what came of each servo."""

from __future__ import annotations

from collections.abc import Mapping

from .._core import ServoAnswer, ServoGroup, ServoOutcome
from .bus_lines import BusLines
from .plan import Block, Plan, Transaction
from .servo_answer import ServoReading, alarm_text, merge, refusal_text
from .servo_state import ServoState


class BusReader:
    """A plan made ready. It remembers who was silent, and asks them only now and then."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._groups = [
            ServoGroup([(block.id, block.address, block.size) for block in transaction.blocks])
            for transaction in plan.transactions
        ]

    def read(self, lines: BusLines, states: Mapping[int, ServoState]) -> dict[int, ServoReading]:
        """What each servo says; a servo that does not is in it, too."""
        parts: dict[int, list[ServoReading]] = {i: [] for i in states}
        unmirrored = self._show_mirrors(lines, states)
        for transaction, group in zip(self.plan.transactions, self._groups, strict=True):
            answers = _ask(lines, transaction, group)
            for block, answer in zip(transaction.blocks, answers, strict=True):
                told = unmirrored.get(block.id, answer)
                parts[block.id].append(reading(states[block.id], block, told))
        for i, state in states.items():
            if any(part.outcome != ServoOutcome.ANSWERED for part in parts[i]):
                state.forget()
        return {i: merge(found) for i, found in parts.items()}

    def _show_mirrors(
        self, lines: BusLines, states: Mapping[int, ServoState]
    ) -> dict[int, ServoAnswer]:
        """Tells servos what to mirror; returns what those said that did not take it."""
        failed = {}
        for i, shown in self.plan.mirrors.items():
            state = states[i]
            if state.mirrored == shown:
                continue
            pointer = state.model.register("indirect_address_1", state.firmware)
            addresses = b"".join(pointer.encode(a) for register in shown for a in register.span)
            answer = lines.one.write(i, pointer.address, addresses)
            if accepted(state, answer):
                state.mirrored = shown
            else:
                failed[i] = answer
        return failed


def accepted(state: ServoState, answer: ServoAnswer) -> bool:
    """Whether a servo took what was written, as far as it says so at all."""
    if answer.outcome == ServoOutcome.SILENT and not state.answers_writes:
        return True
    return answer.outcome == ServoOutcome.ANSWERED and answer.refusal == 0


def _ask(lines: BusLines, transaction: Transaction, group: ServoGroup) -> list[ServoAnswer]:
    if len(transaction.blocks) == 1:
        block = transaction.blocks[0]
        return [lines.one.read(block.id, block.address, block.size)]
    return (lines.many_fast if transaction.fast else lines.many).read_group(group)


def reading(state: ServoState, block: Block, answer: ServoAnswer) -> ServoReading:
    """One answer, decoded."""
    raws = block.decode(answer.data) if answer.data else {}
    registers = {register.name: register for register, _ in block.fields}
    protocol = state.model.protocol
    return ServoReading(
        state.name,
        answer.outcome,
        refusal_text(answer.refusal),
        alarm_text(protocol, answer.alarms, raws),
        raws,
        {name: registers[name].from_raw(raw) for name, raw in raws.items()},
    )
