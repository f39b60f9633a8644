"""Carries out a plan, again and again, and says what came of each servo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .._core import ServoAnswer, ServoGroup, ServoOutcome
from .bus_lines import BusLines
from .plan import Block, Plan, Transaction
from .servo_answer import ServoReading, alarm_text, merge, refusal_text
from .servo_state import ServoState

_ANSWERED: Final = ServoOutcome.ANSWERED


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
        found: dict[int, ServoReading] = {}
        self._show_mirrors(lines, states)
        for transaction, group in zip(self.plan.transactions, self._groups, strict=True):
            answers = _ask(lines, transaction, group)
            for block, answer in zip(transaction.blocks, answers, strict=True):
                state = states[block.id]
                outcome = answer.outcome
                trusted = outcome != _ANSWERED or self._is_mirrored(block.id, state)
                seen = outcome if trusted else ServoOutcome.SKIPPED
                part = reading(state, block, answer, seen)
                before = found.get(block.id)
                found[block.id] = part if before is None else merge((before, part))
                _note_absence(state, outcome)
        return {i: found[i] for i in states}

    def _is_mirrored(self, i: int, state: ServoState) -> bool:
        return state.mirrored == self.plan.mirrors.get(i, state.mirrored)

    def _show_mirrors(self, lines: BusLines, states: Mapping[int, ServoState]) -> None:
        """Tells servos what to mirror, but those that are away, whose silence would cost time."""
        for i, shown in self.plan.mirrors.items():
            state = states[i]
            if state.mirrored == shown or state.away:
                continue
            pointer = state.model.register("indirect_address_1", state.firmware)
            addresses = b"".join(pointer.encode(a) for register in shown for a in register.span)
            if accepted(state, lines.one.write(i, pointer.address, addresses)):
                state.mirrored = shown


def _note_absence(state: ServoState, outcome: ServoOutcome) -> None:
    if outcome == _ANSWERED:
        state.away = False
    elif outcome != ServoOutcome.DAMAGED:
        state.forget()
        state.away = True


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


def reading(
    state: ServoState, block: Block, answer: ServoAnswer, outcome: ServoOutcome
) -> ServoReading:
    """One answer, decoded, where the outcome says that it may be believed."""
    refusal, alarms = answer.refusal, answer.alarms
    believed = outcome == _ANSWERED and not refusal
    raws = block.decode(answer.data) if believed else {}
    return ServoReading(
        state.name,
        outcome,
        refusal_text(refusal),
        alarm_text(state.model.protocol, alarms, raws) if alarms else (),
        raws,
        block.values(raws) if believed else {},
    )
