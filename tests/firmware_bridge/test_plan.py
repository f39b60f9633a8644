"""Plans of readings: everything asked for is in them, in as few transactions as there can be."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloop.firmware_bridge import CatalogueError, Register, ServoCatalogue, ServoModel
from handloop.firmware_bridge.plan import (
    MAX_BLOCK,
    Plan,
    Target,
    known_registers,
    plan_read,
)

CATALOGUE = ServoCatalogue.packaged()
XM430, XL430, XL330 = (CATALOGUE.named(n) for n in ("XM430-W350", "XL430-W250", "XL330-M288"))
STS3215, SCS0009 = (CATALOGUE.named(n) for n in ("STS3215", "SCS0009"))

NAMES = sorted(set.intersection(*(set(m.registers) for m in (XM430, XL430, XL330))))
FEETECH_NAMES = sorted(set(STS3215.registers) & set(SCS0009.registers))


def few(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=7, unique=True)


dynamixels = st.lists(
    st.tuples(st.sampled_from([XM430, XL430, XL330]), st.sampled_from([46, 52, 53])),
    min_size=1,
    max_size=3,
)


def targets_of(kinds: list[tuple[ServoModel, int]]) -> list[Target]:
    return [Target(i + 1, model, firmware) for i, (model, firmware) in enumerate(kinds)]


# --- a servo that does what a plan says


def contents(target: Target) -> dict[int, int]:
    """A control table without two registers alike."""
    return {a: (7 * a + 31 * target.id) % 256 for a in range(700)}


def expected(target: Target, name: str) -> int:
    register = target.model.register(name, target.firmware)
    table = contents(target)
    return register.decode(bytes(table[a] for a in register.span))


def carried_out(plan: Plan, target: Target) -> dict[str, int]:
    table = contents(target)
    first = target.model.indirect_blocks(target.firmware)
    shown = [a for r in plan.mirrors.get(target.id, ()) for a in r.span]
    for slot, address in enumerate(shown):
        assert slot < first[0].slots
        assert address >= 64  # EEPROM cannot be mirrored by every firmware
        table[first[0].data + slot] = contents(target)[address]
    found: dict[str, int] = {}
    for transaction in plan.transactions:
        for block in transaction.blocks:
            if block.id == target.id:
                data = bytes(table[a] for a in range(block.address, block.address + block.size))
                found |= block.decode(data)
    return found


# --- the fewest transactions, by trying everything


def fits(registers: list[Register], known: set[int] | None) -> bool:
    block = range(min(r.address for r in registers), max(r.span.stop for r in registers))
    return len(block) <= MAX_BLOCK and (known is None or set(block) <= known)


def addresses(target: Target) -> set[int]:
    registers = target.model.registers.values()
    return {a for r in registers if r.since <= target.firmware for a in r.span}


def fewest_blocks(registers: list[Register], known: set[int] | None = None) -> int:
    """Every way to cut the registers, in the order of their addresses, into blocks."""
    if not registers:
        return 0
    ordered = sorted(registers, key=lambda r: r.address)
    best = len(ordered)
    for cuts in product([False, True], repeat=len(ordered) - 1):
        parts: list[list[Register]] = [[ordered[0]]]
        for cut, register in zip(cuts, ordered[1:], strict=True):
            if cut:
                parts.append([])
            parts[-1].append(register)
        if all(fits(part, known) for part in parts):
            best = min(best, len(parts))
    return best


def fewest_with_mirrors(target: Target, names: list[str]) -> int:
    registers = [target.model.register(name, target.firmware) for name in names]
    slots = target.model.indirect_blocks(target.firmware)[0].slots
    best = fewest_blocks(registers, addresses(target))
    for count in range(1, len(registers) + 1):
        for shown in combinations(registers, count):
            if sum(r.size for r in shown) <= slots and all(r.area == "ram" for r in shown):
                rest = [r for r in registers if r not in shown]
                best = min(best, 1 + fewest_blocks(rest, addresses(target)))
    return best


@settings(max_examples=150, deadline=None)
@given(kinds=dynamixels, names=few(NAMES), mirror=st.booleans())
def test_dynamixels_are_read_whole_right_and_with_the_fewest(kinds, names, mirror: bool) -> None:
    targets = targets_of(kinds)
    plan = plan_read(targets, names, mirror)
    for target in targets:
        assert carried_out(plan, target) == {name: expected(target, name) for name in names}
    if mirror:
        assert len(plan.transactions) == max(fewest_with_mirrors(t, names) for t in targets)
    else:
        assert plan.mirrors == {}
        assert len(plan.transactions) == max(
            fewest_blocks([t.model.register(n, t.firmware) for n in names], addresses(t))
            for t in targets
        )


@settings(max_examples=100, deadline=None)
@given(count=st.integers(1, 3), scs=st.integers(0, 2), names=few(FEETECH_NAMES))
def test_feetech_servos_share_a_block_and_scs_are_asked_alone(count, scs, names) -> None:
    targets = targets_of([(STS3215, 3)] * count + [(SCS0009, 3)] * scs)
    plan = plan_read(targets, names)
    for target in targets:
        assert carried_out(plan, target) == {name: expected(target, name) for name in names}
    shared, alone = ([m.register(name) for name in names] for m in (STS3215, SCS0009))
    assert len(plan.transactions) == fewest_blocks(shared) + scs * fewest_blocks(alone)
    for transaction in plan.transactions:
        assert len({(b.address, b.size) for b in transaction.blocks}) == 1


@settings(max_examples=100, deadline=None)
@given(kinds=dynamixels, names=few(NAMES))
def test_no_plan_asks_what_cannot_be_asked(kinds, names) -> None:
    targets = targets_of(kinds)
    for transaction in plan_read(targets, names).transactions:
        ids = [block.id for block in transaction.blocks]
        assert len(set(ids)) == len(ids)
        assert all(0 < block.size <= MAX_BLOCK for block in transaction.blocks)
        for target, block in product(targets, transaction.blocks):
            if block.id == target.id:
                mirror = target.model.indirect_blocks(target.firmware)[0].data
                asked = set(range(block.address, block.address + block.size))
                assert block.address == mirror or asked <= addresses(target)
        if transaction.fast:
            assert len(ids) > 1
            assert all(t.model.can_fast_sync_read(t.firmware) for t in targets)


def test_present_values_of_one_model_are_one_fast_sync_read() -> None:
    names = ["present_current", "present_velocity", "present_position"]
    plan = plan_read([Target(i, XM430, 45) for i in range(1, 23)], names)
    (transaction,) = plan.transactions
    assert transaction.fast
    assert {(b.address, b.size) for b in transaction.blocks} == {(126, 10)}
    assert plan.mirrors == {}


def test_one_servo_without_it_makes_the_reading_slow() -> None:
    plan = plan_read([Target(1, XM430, 45), Target(2, XM430, 44)], ["present_position"])
    assert not plan.transactions[0].fast


@pytest.mark.parametrize(("firmware", "data"), [(52, 208), (53, 224)])
def test_mirrors_lie_where_the_firmware_has_them(firmware: int, data: int) -> None:
    names = ["hardware_error_status", "present_temperature"]
    plan = plan_read([Target(1, XL330, firmware)], names)
    (transaction,) = plan.transactions
    assert [r.name for r in plan.mirrors[1]] == names
    assert (transaction.blocks[0].address, transaction.blocks[0].size) == (data, 2)


def test_mirrors_of_ones_own_are_read_and_left_alone() -> None:
    names = ["indirect_data_1", "indirect_data_2", "hardware_error_status", "torque_enable"]
    plan = plan_read([Target(1, XL330, 53)], names)
    assert plan.mirrors == {}
    blocks = [(t.blocks[0].address, t.blocks[0].size) for t in plan.transactions]
    assert blocks == [(64, 1), (70, 1), (224, 2)]


def test_a_register_that_is_named_twice_is_read_once() -> None:
    (transaction,) = plan_read([Target(1, XL330, 53)], ["led", "led"]).transactions
    assert [register.name for register, _ in transaction.blocks[0].fields] == ["led"]


def test_no_run_of_registers_is_longer_than_a_block() -> None:
    """Else the plans with mirrors might not be the shortest."""
    for model in CATALOGUE:
        if model.protocol == "dynamixel2":
            target = Target(1, model, 255)
            known = known_registers(target)
            assert all(
                fits([r, s], None) for r, s in product(known, known) if same_run(r, s, known)
            )


def same_run(one: Register, other: Register, known: list[Register]) -> bool:
    between = {a for r in known for a in r.span}
    return set(range(one.address, other.span.stop)) <= between and one.address <= other.address


def test_a_register_that_one_of_them_lacks_is_named() -> None:
    with pytest.raises(CatalogueError, match="XL430-W250 has no present_current"):
        plan_read([Target(1, XM430, 45), Target(2, XL430, 45)], ["present_current"])
