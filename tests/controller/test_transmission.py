"""Motors: tendons against MuJoCo, tensions against a solver, and what a hand.toml may say."""

from collections.abc import Callable

import clarabel
import mujoco
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import lsq_linear

from handloop import _core
from handloop.controller import BoundHand, Hand, HandError
from handloop.sim.scene import PREFIX, hand_on_carriage

Array = NDArray[np.float64]
LoadHand = Callable[[str], Hand]
EXACT = 1e-10  # [m]


# -- geometry ------------------------------------------------------------------------------------


def moment_arms(m: mujoco.MjModel, d: mujoco.MjData) -> Array:
    """MuJoCo's, shape (tendons, dofs) [m]."""
    arms = np.zeros((m.ntendon, m.nv))
    for row, (first, count) in enumerate(zip(m.ten_J_rowadr, m.ten_J_rownnz, strict=True)):
        arms[row, m.ten_J_colind[first : first + count]] = d.ten_J[first : first + count]
    return arms


def in_scene(hand: Hand) -> BoundHand:
    """The hand somewhere else than at the origin, on something that moves."""
    return hand.bind(hand_on_carriage(hand).compile(), PREFIX)


@pytest.mark.parametrize("place", [lambda hand: hand.bind(hand.model), in_scene])
@pytest.mark.parametrize("name", ["hand27_right_tendon", "hand27_left_tendon"])
def test_lengths_and_moment_arms_are_mujocos(
    name: str, place: Callable[[Hand], BoundHand], load_hand: LoadHand
) -> None:
    bound = place(load_hand(name))
    m, d = bound.model, mujoco.MjData(bound.model)
    transmission = _core.Transmission(bound.hand_model, bound.transmission())
    pulls = m.actuator_trntype[bound.actuator_ids] == int(mujoco.mjtTrn.mjTRN_TENDON)
    rng = np.random.default_rng(1)
    for _ in range(100):
        q = rng.uniform(*bound.position_range.T)
        d.qpos[bound.qpos] = q
        mujoco.mj_fwdPosition(m, d)
        transmission.update(q)
        np.testing.assert_allclose(transmission.lengths()[pulls], d.ten_length, atol=EXACT)
        arms = transmission.moment_arms()
        np.testing.assert_allclose(arms[pulls], moment_arms(m, d)[:, bound.dof], atol=EXACT)
        assert not arms[~pulls].any()


def test_power_in_is_power_out(load_hand: LoadHand) -> None:
    bound = in_scene(load_hand("hand27_right_tendon"))
    config = bound.transmission()
    config.friction.coefficient = 0.0
    transmission = _core.Transmission(bound.hand_model, config)
    m, d = bound.model, mujoco.MjData(bound.model)
    rng = np.random.default_rng(2)
    for _ in range(20):
        q, dq = rng.uniform(*bound.position_range.T), rng.normal(size=27)
        effort = rng.uniform(config.effort_min, config.effort_max)
        d.qpos[bound.qpos], d.qvel[bound.dof], d.ctrl[bound.actuator_ids] = q, dq, effort
        mujoco.mj_forward(m, d)
        transmission.update(q)
        torque = transmission.torques(effort, dq)
        np.testing.assert_allclose(torque, d.qfrc_actuator[bound.dof], atol=1e-9)
        power = effort @ d.actuator_velocity[bound.actuator_ids]
        assert torque @ dq == pytest.approx(power, rel=1e-9)


# -- tensions ------------------------------------------------------------------------------------


def chain(joints: int) -> _core.HandModel:
    """So many hinges in a row."""
    body = "".join(
        f'<body pos="0.02 0 0"><joint name="j{i}"/><geom size="0.01"/>' for i in range(joints)
    )
    xml = f'<mujoco><worldbody>{body}<site name="tip"/>{"</body>" * joints}</worldbody></mujoco>'
    return _core.HandModel(mujoco.MjModel.from_xml_string(xml), list(range(joints)), [0])


def pulled(pull: Array, low: Array, high: Array) -> _core.Transmission:
    """Motors whose joint torques are `pull` (joints x motors) times their efforts."""
    config = _core.TransmissionConfig()
    config.kind = _core.TransmissionKind.COUPLED
    config.coupling = pull.T
    config.effort_min = config.effort_rest = low
    config.effort_max = high
    return _core.Transmission(chain(len(pull)), config)


def least_norm(pull: Array, torque: Array, low: Array, high: Array) -> Array | None:
    """Efforts nearest to `low` that give the torque, by an interior-point method; None: none do."""
    n = pull.shape[1]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    constraints = sparse.csc_matrix(np.vstack([1e2 * pull, np.eye(n), -np.eye(n)]))
    cones = [clarabel.ZeroConeT(len(pull)), clarabel.NonnegativeConeT(2 * n)]
    solution = clarabel.DefaultSolver(
        sparse.eye(n, format="csc"),
        -low,
        constraints,
        np.concatenate([1e2 * torque, high, -low]),
        cones,
        settings,
    ).solve()
    return np.array(solution.x) if str(solution.status) == "Solved" else None


@pytest.mark.parametrize("joints", [1, 3, 6])
def test_tensions_are_those_of_a_solver(joints: int) -> None:
    rng = np.random.default_rng(joints)
    dq = np.zeros(joints)
    reached = 0
    for _ in range(100):
        levers = rng.uniform(0.004, 0.012, joints)
        pull = np.hstack([np.diag(levers), -np.diag(levers)])
        pull += 0.002 * rng.normal(size=pull.shape)
        low, high = rng.uniform(1, 5, 2 * joints), rng.uniform(60, 200, 2 * joints)
        torque = rng.normal(scale=0.4, size=joints)
        transmission = pulled(pull, low, high)
        effort = transmission.efforts(torque, dq)
        assert (effort >= low).all() and (effort <= high).all()
        wanted = least_norm(pull, torque, low, high)
        assert transmission.saturated == (wanted is None)
        if wanted is not None:
            reached += 1
            np.testing.assert_allclose(effort, wanted, atol=1e-2)
            np.testing.assert_allclose(transmission.torques(effort, dq), torque, atol=1e-5)
        else:
            nearest = lsq_linear(1e2 * pull, 1e2 * torque, (low, high), tol=1e-14)
            missing = np.linalg.norm(pull @ effort - torque)
            assert missing == pytest.approx(np.linalg.norm(nearest.fun) / 1e2, abs=1e-5)
    assert reached > 30


def test_torques_come_back_and_pretension_stays(load_hand: LoadHand) -> None:
    hand = load_hand("hand27_right_tendon")
    bound = hand.bind(hand.model)
    config, limit = bound.transmission(), bound.torque_max()
    transmission = _core.Transmission(bound.hand_model, config)
    rng = np.random.default_rng(3)
    for _ in range(100):
        dq = rng.normal(size=27)
        transmission.update(rng.uniform(*bound.position_range.T))
        torque = 0.3 * limit * rng.uniform(-1.0, 1.0, 27)
        effort = transmission.efforts(torque, dq)
        assert not transmission.saturated
        np.testing.assert_allclose(transmission.torques(effort, dq), torque, atol=1e-4)
        assert (effort >= config.effort_min).all()
        assert (effort[1:] >= hand.description.transmission.pretension).all()
    transmission.efforts(5.0 * limit, dq)
    assert transmission.saturated


def test_springs_that_pull_against_one_tendon_each() -> None:
    text = """<mujoco><compiler angle="radian"/><worldbody>
      <site name="motor" pos="-0.05 0.005 0"/><site name="guide" pos="-0.01 0.01 0"/>
      <body><joint name="j" stiffness="0.2" springref="-1"/><geom size="0.01"/>
        <site name="end" pos="0.01 0.01 0"/><site name="tip"/></body></worldbody>
      <tendon><spatial name="t"><site site="motor"/><site site="guide"/><site site="end"/></spatial>
      </tendon>
      <actuator><motor tendon="t" gear="-1" ctrlrange="1 60"/></actuator></mujoco>"""
    model = mujoco.MjModel.from_xml_string(text)
    hand = _core.HandModel(model, [0], [model.site("tip").id])
    transmission = _core.Transmission(hand, _core.read_tendons(model, [0], [0]))
    data = mujoco.MjData(model)
    for q in (-0.4, 0.0, 0.5):
        transmission.update([q])
        # The tendon turns forwards, the spring back.
        (tension,) = transmission.efforts([0.1], [0.0])
        assert not transmission.saturated
        data.qpos[0], data.ctrl[0] = q, tension
        mujoco.mj_forward(model, data)
        assert data.qfrc_actuator[0] + data.qfrc_passive[0] == pytest.approx(0.1, abs=1e-6)
    transmission.efforts([-0.6], [0.0])
    assert transmission.saturated


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "actuator", "message"),
    [
        ('<geom geom="wheel"/><site site="b"/>', 'gear="-1"', "'t' has a geom to wrap around"),
        (
            '<site site="b"/><pulley divisor="2"/><site site="a"/><site site="b"/>',
            'gear="-1"',
            "'t' has a pulley",
        ),
        ('<site site="b"/>', 'gear="1"', "'pull' must be a <motor> of gear -1"),
        (
            '<site site="b"/><site site="a"/>' * 6,
            'gear="-1"',
            "'t' has 13 sites; lead it through at most 12",
        ),
    ],
)
def test_tendons_that_the_controller_cannot_drive(path: str, actuator: str, message: str) -> None:
    model = mujoco.MjModel.from_xml_string(
        f"""<mujoco><worldbody><site name="a" pos="0.1 0 0"/><body><joint name="j"/>
        <geom name="wheel" size="0.01"/><site name="b" pos="0.03 0.02 0"/></body></worldbody>
        <tendon><spatial name="t"><site site="a"/>{path}</spatial></tendon>
        <actuator><motor name="pull" tendon="t" {actuator} ctrllimited="true" ctrlrange="0 9"/>
        </actuator></mujoco>"""
    )
    with pytest.raises(ValueError, match=message):
        _core.read_tendons(model, [0], [0])


def test_configurations_that_do_not_fit() -> None:
    def refuse(message: str, **change: object) -> None:
        config = _core.TransmissionConfig()
        config.kind = _core.TransmissionKind.COUPLED
        values = {
            "coupling": np.eye(2),
            "effort_min": [-1.0, -1.0],
            "effort_rest": [0.0, 0.0],
            "effort_max": [1.0, 1.0],
        } | change
        for name, value in values.items():
            setattr(config, name, value)
        with pytest.raises(ValueError, match=message):
            _core.Transmission(chain(2), config)

    refuse("one entry for each of the 2 motors", effort_min=[-1.0])
    refuse("effort_rest must be finite and lie between", effort_rest=[2.0, 0.0])
    refuse("coupling has 3 columns, the hand 2 joints", coupling=np.ones((2, 3)))
    refuse("none of them drives joint 1", coupling=np.array([[1.0, 0.0], [2.0, 0.0]]))
    refuse("both a stiffness and a reference", spring_stiffness=[1.0, 1.0])
    refuse("coupling.* must be finite", coupling=np.array([[1.0, np.nan], [0.0, 1.0]]))
    refuse("spring_stiffness .* must be finite", spring_stiffness=[np.nan, 1.0])
    refuse("effort_rest must be finite", effort_rest=[-np.inf, 0.0], effort_min=[-np.inf, -1.0])
    config = _core.TransmissionConfig()
    config.friction.velocity = 0.0
    with pytest.raises(ValueError, match=r"friction\.velocity must be > 0 and finite, not 0\.0"):
        _core.Transmission(chain(2), config)
    config = _core.TransmissionConfig()
    config.spring_stiffness = config.spring_reference = [1.0, 1.0]
    with pytest.raises(ValueError, match=r"not for a direct transmission.*leave them empty"):
        _core.Transmission(chain(2), config)


# -- hand.toml -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "key", "message"),
    [
        ('kind = "tendons"', "transmission.motors", "is missing"),
        ('kind = "tendons"\nmotors = ["a", "a"]', "transmission.motors", "given twice"),
        ('kind = "tendons"\nmotors = ["a"]', "transmission.motors[0]", "no actuator 'a'"),
        ('kind = "coupled"\nmotors = ["a"]', "transmission.coupling", "1 rows of 27 numbers"),
        ('motors = ["a"]', "transmission.motors", "a direct transmission has no motors"),
        (
            'kind = "tendons"\nmotors = ["a"]\npretension = 5\ntension_max = 4',
            "transmission.tension_max",
            "must be more than the pretension",
        ),
        ("tension = 1.0", "transmission.tension", "tension_max"),
    ],
)
def test_bad_descriptions(
    lines: str,
    key: str,
    message: str,
    tmp_path_factory: pytest.TempPathFactory,
    load_hand: LoadHand,
) -> None:
    base = load_hand("hand27_right").description.mjcf.with_suffix(".toml")
    file = tmp_path_factory.mktemp("hand") / "hand.toml"
    file.write_text(
        f'schema = 1\nextends = "{base}"\nmjcf = "{base.with_suffix(".xml")}"\n'
        f"[transmission]\n{lines}\n"
    )
    with pytest.raises(HandError) as error:
        Hand.load(file)
    assert f"{file}: {key}: " in str(error.value), error.value
    assert message in str(error.value)


def test_a_coupled_hand_is_driven_by_its_motors(
    tmp_path_factory: pytest.TempPathFactory, load_hand: LoadHand
) -> None:
    base = load_hand("hand22_right").description.mjcf.with_suffix(".toml")
    file = tmp_path_factory.mktemp("hand") / "hand.toml"
    motors = [f"{name}_motor" for name in load_hand("hand22_right").joint_names]
    coupling = np.eye(22).tolist()
    file.write_text(
        f'schema = 1\nextends = "{base}"\nmjcf = "{base.with_suffix(".xml")}"\n'
        f'[limits]\ntorque = 0.5\n[transmission]\nkind = "coupled"\nmotors = {motors}\n'
        f"coupling = {coupling}\n"
    )
    hand = Hand.load(file)
    config = hand.controller_config()
    assert config.transmission.kind == _core.TransmissionKind.COUPLED
    controller = _core.Controller(hand.bind(hand.model).hand_model, config)
    state = _core.HandState(22)
    torque = controller.tick(state, 0.0)
    np.testing.assert_allclose(controller.effort, torque, atol=1e-6)
