"""Episodes in portions: the bits of whole runs, guidance in between, and what must not happen."""

import threading
from collections.abc import Callable

import mujoco
import numpy as np
import pytest

from handloop import _core
from handloop.sim.tasks import cup
from handloop.sim.tasks.cup import CupScene
from handloop.sim.tasks.cup_trial import CupTrial

LENGTH = 0.6  # [s]: the fingers close


@pytest.fixture
def scene(cup_scene: Callable[[str], CupScene], monkeypatch: pytest.MonkeyPatch) -> CupScene:
    monkeypatch.setattr(cup, "END", LENGTH)
    return cup_scene("hand27_right")


def bits(episode: _core.Episode) -> tuple[bytes, bytes, bool]:
    return episode.log.tobytes(), episode.final_qpos.tobytes(), episode.diverged


def test_portions_are_the_whole_run_to_the_bit(scene: CupScene) -> None:
    whole = [scene.episode(CupTrial.draw(seed)) for seed in range(2)]
    _core.run_episodes(whole)
    for threads, portion in ((1, 20), (2, 77)):
        batch = [scene.episode(CupTrial.draw(seed)) for seed in range(2)]
        _core.begin_episodes(batch, threads)
        while any(episode.under_way for episode in batch):
            _core.advance_episodes(batch, portion, threads)
        assert [bits(episode) for episode in batch] == [bits(episode) for episode in whole]
    assert batch[0].ticks == round(LENGTH / batch[0].period) == len(batch[0].log)


def test_physics_elsewhere_gives_the_bits_of_a_run(scene: CupScene) -> None:
    whole, episode = (scene.episode(CupTrial.draw(1)) for _ in range(2))
    _core.run_episodes([whole])
    model = episode.model
    data = mujoco.MjData(model)
    episode.begin(data)
    with pytest.raises(RuntimeError, match="no data of its own"):
        episode.copy_data(data)
    while episode.under_way:
        episode.control()
        episode.plant.prepare_step()
        mujoco.mj_step(model, data)
        episode.sense()
    assert bits(episode) == bits(whole)
    episode.begin(data)
    episode.control()
    episode.sense(moved=False)
    assert episode.diverged
    assert not episode.under_way
    for use in (episode.control, episode.sense):
        with pytest.raises(RuntimeError, match=r"the episode is over; begin\(\) it anew"):
            use()


def test_a_run_can_be_looked_at_and_goes_on_as_if_it_was_not(scene: CupScene) -> None:
    whole, episode = (scene.episode(CupTrial.draw(0)) for _ in range(2))
    _core.run_episodes([whole])
    data = mujoco.MjData(scene.model)
    episode.begin()
    before = episode.sample.q
    _core.advance_episodes([episode], 300)
    assert np.abs(episode.sample.q - before).max() > 0.1
    episode.copy_data(data)
    assert data.time == pytest.approx(0.3)
    np.testing.assert_array_equal(data.qpos, episode.final_qpos)
    log = episode.log
    assert len(log) == 300
    _core.advance_episodes([episode], 1000)
    assert bits(episode) == bits(whole)
    episode.copy_data(data)  # after its end, too
    assert data.time == pytest.approx(LENGTH)


def test_guidance_is_followed(scene: CupScene) -> None:
    plain, guided = (scene.episode(CupTrial.draw(0)) for _ in range(2))
    _core.begin_episodes([plain, guided])
    joints = len(scene.hand.joint_names)
    offset = np.zeros(joints)
    offset[0] = 0.1
    guided.controller.guide(offset, grip_scale=1.5, within=0.02)
    _core.advance_episodes([plain, guided], 500)
    moved = guided.sample.q - plain.sample.q
    assert moved[0] == pytest.approx(0.1, abs=0.03)
    assert np.array(guided.controller.wanted_force) == pytest.approx(
        1.5 * np.array(plain.controller.wanted_force)
    )
    for wrong, message in (
        ({"offset": [0.0]}, "offset has 1 entries, the hand 27 joints"),
        ({"offset": np.full(joints, np.nan)}, "must be finite"),
        ({"offset": offset, "grip_scale": -1.0}, "grip scale must be >= 0"),
        ({"offset": offset, "within": -1.0}, "reached within 0 to 1000 s"),
    ):
        with pytest.raises(ValueError, match=message):
            guided.controller.guide(**wrong)


def test_what_cannot_go_on_says_why(scene: CupScene) -> None:
    episode = scene.episode(CupTrial.draw(0))
    with pytest.raises(RuntimeError, match=r"cannot go on before it has begun; call begin\(\)"):
        _core.advance_episodes([episode], 1)
    with pytest.raises(RuntimeError, match="no data of its own"):
        episode.copy_data(mujoco.MjData(scene.model))
    other = mujoco.MjData(mujoco.MjModel.from_xml_string("<mujoco/>"))
    for use in (episode.begin, episode.copy_data):
        with pytest.raises(ValueError, match="made for another model"):
            use(other)
    episode.begin()
    with pytest.raises(ValueError, match="ticks must be >= 0"):
        _core.advance_episodes([episode], -1)
    with pytest.raises(TypeError):
        _core.advance_episodes([None], 1)  # type: ignore[list-item]
    episode.plant.start(mujoco.MjData(scene.model))
    with pytest.raises(RuntimeError, match="was started on other data"):
        _core.advance_episodes([episode], 1)


def test_two_threads_do_not_advance_one_episode(scene: CupScene) -> None:
    episode = scene.episode(CupTrial.draw(0))
    episode.begin()
    refused: list[str] = []

    def look() -> None:
        while episode_goes.is_set():
            try:
                _ = episode.final_qpos
            except RuntimeError as error:
                refused.append(str(error))

    episode_goes = threading.Event()
    episode_goes.set()
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        _core.advance_episodes([episode], 400)
    finally:
        episode_goes.clear()
        watcher.join()
    assert set(refused) == {"the plant is in use by another thread; wait until that is done"}


def test_an_error_inside_mujoco_ends_its_episode_alone(
    scene: CupScene, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo puts its log where it is run
    models = []
    copy = cup.copy.copy
    monkeypatch.setattr(cup.copy, "copy", lambda m: models.append(copy(m)) or models[-1])
    batch = [scene.episode(CupTrial.draw(0)) for _ in range(2)]
    _core.begin_episodes(batch)
    _core.advance_episodes(batch, 50)
    models[0].opt.integrator, whole = 99, models[0].opt.integrator
    with pytest.raises(RuntimeError, match=r"MuJoCo stopped a simulation: .*integrator"):
        _core.advance_episodes(batch, 50)
    assert [episode.under_way for episode in batch] == [False, True]
    models[0].opt.integrator = whole
    batch[0].begin()
    _core.advance_episodes(batch[:1], 100)
    assert bits(batch[0]) == bits(batch[1])
