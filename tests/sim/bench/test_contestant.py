"""Who takes part, as the command line says it."""

import pytest

from handloop.sim.bench.contestant import Contestant, Entry, entries_of, hand_with

LAW = """
from handloop import control_law

@control_law
def limp(torque):
    for i in range(len(torque)):
        torque[i] = 0.0

not_a_law = 3
"""


@pytest.mark.parametrize(
    ("hand", "actuators", "name"),
    [
        ("hand27", "ideal", "hand27_right"),
        ("hand27", "tendon", "hand27_right_tendon"),
        ("hand22_left", "servo", "hand22_left_servo"),
        ("hand27_right_servo", "ideal", "hand27_right_servo"),
    ],
)
def test_hand_and_actuators_name_a_packaged_hand(hand, actuators, name):
    assert hand_with(hand, actuators) == name


def test_actuators_that_a_hand_does_not_have_are_named():
    with pytest.raises(ValueError, match="no hand 'hand22_right_tendon'"):
        hand_with("hand22", "tendon")


def test_hands_take_part_with_the_actuators_that_they_have():
    entries, missing = entries_of(["hand27", "leap_right"], ["ideal", "tendon"], ["grip", "twin"])
    assert [entry.label for entry in entries] == [
        "hand27_right",
        "hand27_right + twin",
        "hand27_right_tendon",
        "hand27_right_tendon + twin",
        "leap_right",
        "leap_right + twin",
    ]
    assert missing == ["leap_right has no tendon actuators"]
    with pytest.raises(ValueError, match="no hand 'leap_right_tendon'"):
        entries_of(["hand27", "leap_right"], ["tendon"], ["grip"])


def test_tables_of_a_controller_change_its_numbers_and_only_those(tmp_path):
    file = tmp_path / "firm.toml"
    file.write_text("[grip]\nmargin = 0.4\n")
    own = Contestant.load(Entry("hand27_right")).hand.controller_config()
    config = Contestant.load(Entry("hand27_right", str(file))).hand.controller_config()
    assert config.grip.margin == 0.4
    assert list(config.grip.share) == list(own.grip.share)
    assert list(config.law.stiffness) == list(own.law.stiffness)


@pytest.mark.parametrize(
    ("text", "message"),
    [("[grips]\nmargin = 0.4\n", "'grips'"), ("[grip]\nmargins = 0.4\n", "margins")],
)
def test_a_table_or_number_that_does_not_exist_is_named(tmp_path, text, message):
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=message):
        Contestant.load(Entry("hand27_right", str(file)))


@pytest.fixture
def laws(tmp_path):
    file = tmp_path / "laws.py"
    file.write_text(LAW)
    return file


def test_a_law_from_a_file_drives_the_hand(laws):
    from handloop import _core

    contestant = Contestant.load(Entry("hand22_right", f"{laws}:limp"))
    bound = contestant.hand.bind(contestant.hand.model)
    controller = _core.Controller(bound.hand_model, contestant.hand.controller_config())
    contestant.equip(controller)
    state = _core.HandState(len(contestant.hand.joint_names))
    state.q = [0.1] * len(contestant.hand.joint_names)
    assert not controller.tick(state, 0.0).any()


@pytest.mark.parametrize("name", ["grasp", "not_a_law"])
def test_a_file_without_such_a_law_is_named(laws, name):
    with pytest.raises(ValueError, match=f"no law '{name}'"):
        Contestant.load(Entry("hand22_right", f"{laws}:{name}"))


def test_a_controller_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"FILE\.toml"):
        Contestant.load(Entry("hand22_right", "grippy"))


def test_the_digest_changes_with_what_changes_results(tmp_path):
    file = tmp_path / "firm.toml"
    file.write_text("[grip]\nmargin = 0.4\n")
    one = Contestant.load(Entry("hand22_right", str(file))).digest()
    file.write_text("[grip]\nmargin = 0.3\n")
    other = Contestant.load(Entry("hand22_right", str(file))).digest()
    assert one != other
    assert (
        Contestant.load(Entry("hand22_right")).digest()
        == Contestant.load(Entry("hand22_right")).digest()
    )


def test_the_label_does_not_tell_where_files_are(laws):
    entry = Entry("/somewhere/my_hand.toml", f"{laws}:limp")
    assert entry.label == "my_hand + laws.py:limp"
    assert entry.absolute().label == entry.label
