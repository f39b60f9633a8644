"""A hand of two fingers with a joint each, and virtual servos for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from handloop._core import PtyServer, VirtualBus, VirtualServoConfig, VirtualServoModel
from handloop.controller import Hand
from handloop.firmware_bridge.hand_servos import HandServos

BAUD = 1_000_000
PATIENCE = 0.2  # [s], for a machine that does other things
SERVOS = {
    "thumb": 'id = 1, model = "XL330-M288"',
    "index": 'id = 2, model = "XL330-M288", sign = -1, offset = 0.5',
}

_FINGER = """
    <body name="{0}" pos="{1} 0 0">
      <joint name="{0}" axis="1 0 0" range="-0.2 1.2" armature="0.001" damping="0.01"/>
      <geom size="0.01 0.02" type="capsule" mass="0.02" pos="0 0 0.03"/>
      <site name="{0}_tip" pos="0 0 0.06"/>
    </body>"""
_MJCF = f"""
<mujoco>
  <compiler angle="radian" autolimits="true"/>
  <worldbody><body name="palm"><geom size="0.03" mass="0.2"/>
    {_FINGER.format("thumb", "0.03")}{_FINGER.format("index", "-0.03")}
  </body></worldbody>
  <actuator>
    <motor name="thumb_motor" joint="thumb" ctrlrange="-0.4 0.4"/>
    <motor name="index_motor" joint="index" ctrlrange="-0.4 0.4"/>
  </actuator>
</mujoco>"""
_TOML = """
schema = 1
name = "pincer"
mjcf = "pincer.xml"
palm = "palm"
joints = { names = ["thumb", "index"], actuators = ["thumb_motor", "index_motor"] }
gains = { stiffness = [0.3, 0.2], damping = 0.01 }
grip = { thumb = "thumb", share = { index = 1.0 } }
[[fingers]]
name = "thumb"
tip = "thumb_tip"
joints = ["thumb"]
[[fingers]]
name = "index"
tip = "index_tip"
joints = ["index"]
"""
ONE_LINE = "[bus.lines.all]\nbaud = 1_000_000\n"


class Pincer:
    """Writes and loads the hand, and makes what it hangs on."""

    servos: Mapping[str, str] = SERVOS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pincer.xml").write_text(_MJCF)

    def write(
        self, servos: Mapping[str, str] = SERVOS, lines: str = ONE_LINE, more: str = ""
    ) -> Path:
        """Its hand.toml; `servos` says what stands in the braces of `bus.servos`."""
        rows = "\n".join(f"{joint} = {{ {text} }}  # by hand" for joint, text in servos.items())
        file = self.folder / "hand.toml"
        file.write_text(f"{_TOML}{more}\n{lines}[bus.servos]\n{rows}\n")
        return file

    def load(self, *args: object, **kwargs: object) -> Hand:
        """The hand that `write` writes."""
        return Hand.load(self.write(*args, **kwargs))

    def bus(self, *configs: VirtualServoConfig) -> VirtualBus:
        """XL330-M288 on 5 V, those of `SERVOS` unless others are given."""
        return VirtualBus(list(configs) or [servo(1), servo(2)], supply_voltage=5.0)

    def servo(self, id: int, **options: object) -> VirtualServoConfig:
        """One of its servos."""
        return servo(id, **options)

    @contextmanager
    def on(self, bus: VirtualBus, *args: object, **kwargs: object) -> Iterator[HandServos]:
        """The hand on virtual servos, on the clock of the wall."""
        hand = self.load(*args, **kwargs)
        with PtyServer(bus) as server:
            with HandServos.open(hand, {"all": server.path}, patience=PATIENCE) as servos:
                yield servos


def servo(id: int, **options: object) -> VirtualServoConfig:
    return VirtualServoConfig(VirtualServoModel.x330(), id=id, baud=BAUD, **options)


@pytest.fixture
def pincer(tmp_path: Path) -> Pincer:
    return Pincer(tmp_path)
