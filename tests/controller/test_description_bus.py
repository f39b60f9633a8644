"""The `[bus]` table of a hand.toml: which servo moves which joint."""

from pathlib import Path

import pytest

from handloop.controller import Hand, HandError
from handloop.controller.description_bus import JointServo, Tendon

JOINTS = Hand.load("hand22_right").joint_names


def hand(folder: Path, servos: dict[str, str], lines: str = "[bus.lines.all]\n") -> Hand:
    rows = "\n".join(f"{joint} = {{ {text} }}" for joint, text in servos.items())
    file = folder / "hand.toml"
    file.write_text(f'schema = 1\nextends = "hand22_right"\n{lines}[bus.servos]\n{rows}\n')
    return Hand.load(file)


def all_servos() -> dict[str, str]:
    return {joint: f'id = {i}, model = "XC330-M288"' for i, joint in enumerate(JOINTS, 1)}


def test_every_joint_has_a_servo_on_the_only_line(tmp_path: Path) -> None:
    bus = hand(tmp_path, all_servos()).description.bus
    assert bus is not None
    assert [bus.servos[joint].id for joint in JOINTS] == list(range(1, 23))
    assert {bus.line_of(joint) for joint in JOINTS} == {"all"}


def test_the_ratio_is_that_of_gear_or_tendon_with_its_sign() -> None:
    assert JointServo(id=1, model="x", gear=2.5, sign=-1).ratio == -2.5
    tendon = Tendon(spool=0.008, joint=0.01)
    assert JointServo(id=1, model="x", tendon=tendon).ratio == pytest.approx(1.25)


TWO_LINES = "[bus.lines.a]\n[bus.lines.b]\n"


@pytest.mark.parametrize(
    ("joint", "text", "lines", "complaint"),
    [
        ("elbow", 'id = 30, model = "x"', None, "bus.servos.elbow"),
        ("thumb_ip_flexion", None, None, "no servo for thumb_ip_flexion"),
        ("thumb_ip_flexion", 'id = 1, model = "x"', None, "1 is that of thumb_cmc_flexion"),
        ("thumb_ip_flexion", 'id = 5, model = "x", line = "b"', None, "no line 'b'"),
        ("thumb_ip_flexion", 'id = 5, model = "x"', TWO_LINES, "name one of 'a', 'b'"),
        ("thumb_ip_flexion", 'id = 253, model = "x"', None, "less than or equal to 252"),
        ("thumb_ip_flexion", 'id = 5, model = "x", range = [1, 0]', None, "is empty"),
        (
            "thumb_ip_flexion",
            'id = 5, model = "x", gear = 2, tendon = { spool = 0.01, joint = 0.01 }',
            None,
            "leave one of the two out",
        ),
    ],
)
def test_a_misfit_is_named(
    tmp_path: Path, joint: str, text: str | None, lines: str | None, complaint: str
) -> None:
    servos = all_servos()
    if lines:  # two of them: all others say which is theirs
        servos = {name: f'{servo}, line = "a"' for name, servo in servos.items()}
    if text is None:
        del servos[joint]
    else:
        servos[joint] = text
    with pytest.raises(HandError, match=complaint):
        hand(tmp_path, servos, lines or "[bus.lines.all]\n")


def test_a_line_without_servos_is_named(tmp_path: Path) -> None:
    servos = {joint: f'{text}, line = "a"' for joint, text in all_servos().items()}
    with pytest.raises(HandError, match=r"bus\.lines\.b.*has no servo"):
        hand(tmp_path, servos, TWO_LINES)
