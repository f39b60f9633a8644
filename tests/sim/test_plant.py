"""The simulated plant: when it samples, how it errs, and what it refuses."""

import math
from collections.abc import Callable

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloop import _core
from handloop.controller import Hand

# A finger that slides without friction, and one that rests on the floor with its weight.
MJCF = """
<mujoco>
  <option timestep="0.001" gravity="0 0 -10"/>
  <worldbody>
    <geom name="floor" type="plane" size="1 1 0.1"/>
    <body pos="0 0 1">
      <joint name="free" type="slide" axis="1 0 0"/>
      <geom size="0.01" mass="0.1" contype="0" conaffinity="0"/>
      <site name="free_tip"/>
    </body>
    <body pos="0.5 0 0.02">
      <joint name="resting" type="slide" axis="0 0 1"/>
      <geom name="pad" size="0.02" mass="0.2"/>
      <site name="resting_tip"/>
    </body>
  </worldbody>
  <actuator>
    <motor name="free_motor" joint="free"/>
    <motor name="resting_motor" joint="resting"/>
  </actuator>
  <sensor>
    <contact name="none" geom1="pad" geom2="floor" data="found force pos normal tangent"/>
    <contact name="pad" geom1="pad" geom2="floor" data="found force pos normal tangent"/>
    <contact name="short" geom1="pad" geom2="floor" data="found force pos"/>
    <contact name="other" geom1="pad" geom2="floor" data="found force torque dist pos normal"/>
  </sensor>
</mujoco>
"""
WEIGHT = 0.2 * 10.0  # [N]
SPEED = 0.25  # [m/s]


def model_with(timestep: float = 0.001) -> mujoco.MjModel:
    model = mujoco.MjModel.from_xml_string(MJCF)
    model.opt.timestep = timestep
    return model


class Bench:
    """The plant on data of which the first joint moves with SPEED."""

    def __init__(
        self,
        sensors: _core.SensorModel | None = None,
        timestep: float = 0.001,
        period: float = 0.001,
        contact: tuple[str, ...] = ("none", "pad"),
    ) -> None:
        self.model = model_with(timestep)
        self.data = mujoco.MjData(self.model)
        self.data.qvel[0] = SPEED
        contacts = [self.model.sensor(name).id for name in contact]
        self.plant = _core.SimPlant(
            self.model,
            _core.SimPlantIds([0, 1], [0, 1], [0, 1], contacts),
            sensors or _core.SensorModel(),
            period,
        )
        self.plant.start(self.data)

    def samples(self, count: int) -> list[_core.HandState]:
        samples = []
        for _ in range(count):
            samples.append(self.plant.read())
            assert self.plant.advance()
        return samples


def sensors_with(**values: float) -> _core.SensorModel:
    sensors = _core.SensorModel()
    for name, value in values.items():
        setattr(sensors, name, value)
    return sensors


# -- time ----------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    delay=st.integers(0, 63),
    step_us=st.sampled_from([250, 500, 1000, 2000]),
    period_us=st.sampled_from([250, 500, 1000, 2000, 4000]),
)
def test_every_sample_is_as_old_as_asked(delay: int, step_us: int, period_us: int) -> None:
    sensors = sensors_with(delay=delay)
    bench = Bench(sensors, 1e-6 * step_us, 1e-6 * period_us)
    for tick in range(2 * delay + 6):
        sample = bench.plant.read()
        assert bench.plant.now == pytest.approx(1e-6 * tick * period_us, abs=1e-12)
        # Between two steps the world stands still, so the sample is that of the step before.
        taken = max(tick - delay, 0) * period_us // step_us * step_us
        if step_us < period_us:
            taken = max(tick - delay, 0) * period_us
        assert sample.time == pytest.approx(1e-6 * taken, abs=1e-12)
        assert sample.q[0] == pytest.approx(SPEED * sample.time, abs=1e-12)
        bench.plant.advance()


def test_sequence_counts_samples_not_ticks() -> None:
    assert [s.sequence for s in Bench().samples(4)] == [0, 1, 2, 3]
    half = Bench(timestep=0.002, period=0.001).samples(6)
    assert [s.sequence for s in half] == [0, 0, 1, 1, 2, 2]


def test_a_step_takes_the_torques_written_last() -> None:
    bench = Bench(timestep=0.002, period=0.001)
    bench.data.qvel[0] = 0.0
    for force in (7.0, 0.5):
        bench.plant.write([force, 0.0])
        bench.plant.advance()
    assert bench.data.time == pytest.approx(0.002)
    assert bench.data.qvel[0] == pytest.approx(0.5 / 0.1 * 0.002)


@pytest.mark.parametrize(
    ("step", "period"), [(0.001, 0.001), (0.001, 0.002), (0.002, 0.002), (0.002, 0.001)]
)
def test_a_hand_is_held_at_every_rate(
    step: float, period: float, load_hand: Callable[[str], Hand]
) -> None:
    hand = load_hand("hand27_right")
    spec = hand.spec()
    spec.option.timestep = step
    model = spec.compile()
    bound = hand.bind(model)
    data = mujoco.MjData(model)
    start = data.qpos[:] = model.key("rest").qpos
    controller = _core.Controller(bound.hand_model, hand.controller_config(period))
    plant = _core.SimPlant(model, bound.plant_ids(), sensors_with(delay=1), period)
    plant.start(data)
    ticks = round(0.5 / period)
    assert _core.Loop(plant, controller).run(ticks) == ticks
    assert data.time == pytest.approx(0.5)
    assert np.abs(data.qpos - start).max() < 0.001
    assert np.abs(data.qvel).max() < 0.01


# -- errors of the sensors -----------------------------------------------------------------------

COUNT = 4000
SPREAD = 5.0 / math.sqrt(2.0 * COUNT)  # five standard errors of a standard deviation


def columns(samples: list[_core.HandState]) -> dict[str, np.ndarray]:
    pads = [s.contact(1) for s in samples]
    return {
        "q": np.array([s.q for s in samples])[:, 1],
        "dq": np.array([s.dq for s in samples])[:, 1],
        "force": np.array([pad.force for pad in pads]),
        "slip": np.array([pad.slip_speed for pad in pads]),
    }


def settled(**errors: float) -> Bench:
    bench = Bench(sensors_with(**errors))
    for _ in range(500):  # until the second finger rests
        bench.plant.advance()
    return bench


def test_perfect_sensors_tell_the_truth() -> None:
    bench = settled()
    read = bench.plant.read()
    assert read.q.tobytes() == bench.data.qpos.tobytes()
    assert read.dq.tobytes() == bench.data.qvel.tobytes()
    pad = read.contact(1)
    assert pad.touching
    assert pad.slip_speed == 0.0
    np.testing.assert_allclose(pad.force, [WEIGHT, 0.0, 0.0], atol=1e-3)
    np.testing.assert_allclose(pad.normal, [0.0, 0.0, -1.0], atol=1e-9)  # into the floor
    np.testing.assert_allclose(pad.position, [0.0, 0.0, -0.02], atol=1e-3)
    assert abs(pad.tangent @ pad.normal) < 1e-9


def test_noise_is_as_large_as_asked_and_independent() -> None:
    asked = {"position_noise": 2e-3, "velocity_noise": 0.05, "force_noise": 0.1, "slip_noise": 0.02}
    truth = columns([settled().plant.read()])
    got = columns(settled(seed=3, **asked).samples(COUNT))
    noise = {name: got[name] - truth[name] for name in got}
    force_axes = {f"force {i}": noise["force"][:, i] for i in range(3)}
    deviations = {"q": 2e-3, "dq": 0.05} | dict.fromkeys(force_axes, 0.1)
    series = {"q": noise["q"], "dq": noise["dq"]} | force_axes
    for name, deviation in deviations.items():
        values = series[name]
        assert values.std() == pytest.approx(deviation, rel=SPREAD), name
        assert abs(values.mean()) < 5.0 * deviation / math.sqrt(COUNT), name
        lagged = np.corrcoef(values[1:], values[:-1])[0, 1]
        assert abs(lagged) < 5.0 / math.sqrt(COUNT), name
    # A speed has no sign, so what is left of its noise is folded over.
    assert np.sqrt((got["slip"] ** 2).mean()) == pytest.approx(0.02, rel=SPREAD)
    correlation = np.corrcoef(list(series.values())) - np.eye(len(series))
    assert np.abs(correlation).max() < 5.0 / math.sqrt(COUNT)


def test_a_force_sensor_has_one_gain_per_run() -> None:
    gains = []
    for seed in range(300):
        bench = Bench(sensors_with(seed=seed, force_gain_error=0.1))
        first, second = (s.contact(1).force[0] for s in bench.samples(502)[-2:])
        assert second == pytest.approx(first, rel=1e-3)
        gains.append(first / WEIGHT)
    assert np.mean(gains) == pytest.approx(1.0, abs=5.0 * 0.1 / math.sqrt(len(gains)))
    assert np.std(gains) == pytest.approx(0.1, rel=5.0 / math.sqrt(2.0 * len(gains)))


def test_the_seed_makes_the_noise() -> None:
    noisy = {"position_noise": 1e-3, "force_noise": 0.1, "force_gain_error": 0.1}

    def bits(seed: int) -> bytes:
        read = columns(Bench(sensors_with(seed=seed, **noisy)).samples(200))
        return b"".join(values.tobytes() for values in read.values())

    assert bits(1) == bits(1)
    assert bits(1) != bits(2)


def test_a_second_start_is_as_the_first() -> None:
    bench = Bench(sensors_with(seed=1, delay=3, position_noise=1e-3, force_gain_error=0.1))
    first = columns(bench.samples(50))
    mujoco.mj_resetData(bench.model, bench.data)
    bench.data.qvel[0] = SPEED
    bench.plant.start(bench.data)
    second = columns(bench.samples(50))
    for name, values in first.items():
        assert values.tobytes() == second[name].tobytes(), name


# -- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize("period", [0.0015, 0.0007, 1e-12, 1e12, math.inf])
def test_a_period_that_does_not_go_with_the_step(period: float) -> None:
    message = (
        r"the control period .* s is not a whole number of simulation steps of 0\.001000 s, "
        "nor the step one of control periods"
    )
    with pytest.raises(ValueError, match=message):
        Bench(period=period)


@pytest.mark.parametrize("period", [0.0, -0.001, math.nan])
def test_a_period_that_is_none(period: float) -> None:
    with pytest.raises(ValueError, match="the control period must be > 0"):
        Bench(period=period)


@pytest.mark.parametrize("delay", [-1, 64])
def test_a_delay_out_of_range(delay: int) -> None:
    with pytest.raises(ValueError, match="the sensor delay must be 0 to 63 control periods"):
        Bench(sensors_with(delay=delay))


@pytest.mark.parametrize("sensor", ["short", "other"])
def test_a_contact_sensor_that_reports_something_else(sensor: str) -> None:
    message = f"contact sensor '{sensor}' must report found, force, pos, normal, tangent"
    with pytest.raises(ValueError, match=message):
        Bench(contact=("none", sensor))


def test_torques_of_another_hand() -> None:
    with pytest.raises(ValueError, match="effort has 3 entries, the hand 2 motors"):
        Bench().plant.write([0.0] * 3)


def test_data_of_another_model(load_hand: Callable[[str], Hand]) -> None:
    with pytest.raises(ValueError, match="the data was made for another model than the plant's"):
        Bench().plant.start(mujoco.MjData(load_hand("hand22_right").model))
    with pytest.raises(TypeError, match=r"expected a mujoco\.MjData, got MjModel"):
        Bench().plant.start(model_with())


@pytest.mark.parametrize(
    "use",
    [
        lambda plant: plant.now,
        lambda plant: plant.read(),
        lambda plant: plant.write([0.0, 0.0]),
        lambda plant: plant.advance(),
    ],
)
def test_a_plant_without_data(use: Callable[[_core.SimPlant], object]) -> None:
    model = model_with()
    ids = _core.SimPlantIds([0, 1], [0, 1], [0, 1])
    plant = _core.SimPlant(model, ids, _core.SensorModel(), 0.001)
    with pytest.raises(RuntimeError, match=r"no data; call start\(data\) first"):
        use(plant)


def test_a_simulation_that_diverges_says_so(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)  # where MuJoCo puts its log
    bench = Bench()
    assert bench.plant.advance()
    bench.data.qvel[0] = 1e11
    assert not bench.plant.advance()
