#include "handloop/actuator/hand_drives.hpp"

#include <doctest/doctest.h>

#include "actuator_rig.hpp"

namespace handloop::testing::hand_drives {
namespace {

using actuator::Command;
using actuator::Figures;

// Three bars side by side, each with a motor of its own.
using Three = std::vector<std::optional<Figures>>;

class ThreeBars {
 public:
  explicit ThreeBars(const Three& figures, const Rail& rail = {}, double period = kPeriod)
      : model(make()), data(mj_makeData(model.get())) {
    SimPlantIds ids;
    ids.joint = ids.actuator = {0, 1, 2};
    ids.torque_constant = {1.0, 1.0, 1.0};
    ids.drives.actuator = figures;
    ids.drives.rail[1] = rail;
    plant = std::make_unique<SimPlant>(*model, ids, SensorModel{}, period);
  }
  void start() { plant->start(*data); }
  void step(const JointVector& told) {
    HandCommand command;
    command.effort = told;
    plant->write(command);
    plant->advance();
  }
  HandState sense() {
    HandState state;
    plant->read(state);
    return state;
  }

  ModelPointer model;
  DataPointer data;
  std::unique_ptr<SimPlant> plant;

 private:
  static ModelPointer make() {
    std::string bodies, motors;
    for (const std::string n : {"a", "b", "c"}) {
      bodies += "<body><joint name=\"" + n +
                "\" axis=\"0 1 0\" armature=\"0.004\" damping=\"0.01\" frictionloss=\"0.01\"/>"
                "<inertial pos=\"0 0 -0.1\" mass=\"0.2\" diaginertia=\"1e-5 1e-5 1e-5\"/></body>";
      motors += "<motor name=\"" + n + "\" joint=\"" + n + "\" ctrlrange=\"-2 2\"/>";
    }
    return compile("<mujoco><option integrator=\"implicitfast\" timestep=\"0.001\"/><worldbody>" +
                   bodies + "</worldbody><actuator>" + motors + "</actuator></mujoco>");
  }
};

Figures standing() {
  Figures f = plain_servo();
  f.friction.coulomb = 50.0;  // it stands whatever is asked of it
  f.inertia = 0.002;
  f.rail = 1;
  return f;
}

TEST_CASE("where all are ideal, a plant is what it was") {
  ThreeBars plain(Three{}), none(Three(3));
  plain.start();
  none.start();
  for (int i = 0; i < 500; ++i) {
    const JointVector told = joints({std::sin(0.01 * i), 0.3, -0.2});
    plain.step(told);
    none.step(told);
    for (int j = 0; j < 3; ++j) CHECK(plain.data->qpos[j] == none.data->qpos[j]);
    const HandState state = none.sense();
    CHECK(state.temperature.size() == 0);
    CHECK(state.current == plain.sense().current);
  }
}

TEST_CASE("an ideal motor beside a real one stays ideal") {
  ThreeBars all(Three{}), one(Three{{}, plain_servo(), {}});
  all.start();
  one.start();
  for (int i = 0; i < 300; ++i) {
    all.step(joints({0.2, 0.0, -0.1}));
    one.step(joints({0.2, 0.0, -0.1}));
  }
  CHECK(one.data->qpos[0] == doctest::Approx(all.data->qpos[0]).epsilon(1e-9));
  CHECK(one.data->qpos[2] == doctest::Approx(all.data->qpos[2]).epsilon(1e-9));
  CHECK(one.sense().temperature == ActuatorVector::Constant(3, 25.0));
}

TEST_CASE("a shared supply sags by what rail.hpp says, and takes torque from all who hang on it") {
  const Rail rail{12.0, 0.4, 6.0};
  Figures f = standing();
  f.command = Command::kVoltage;
  ThreeBars bars(Three{f, f, f}, rail);
  bars.start();
  for (int i = 0; i < 200; ++i) bars.step(joints({2.0, -2.0, 1.0}));  // as far as ctrlrange goes
  // Parts of the supply are put on: V = V0 - R sum duty^2 V / Rm.
  const double duty2 = (4.0 + 4.0 + 1.0) / 144.0;
  const double voltage = rail.voltage / (1.0 + rail.resistance * duty2 / f.resistance);
  const HandState state = bars.sense();
  for (int k = 0; k < 3; ++k) {
    const double duty = (k == 0 ? 2.0 : k == 1 ? -2.0 : 1.0) / 12.0;
    CHECK(state.current[k] == doctest::Approx(duty * voltage / f.resistance).epsilon(1e-9));
  }
}

TEST_CASE("a cable of its own is in series with the winding") {
  Figures f = standing();
  f.command = Command::kVoltage;
  f.rail = 0;
  f.supply_resistance = 0.5;
  ActuatorRig rig(f);
  rig.start();
  for (int i = 0; i < 200; ++i) rig.step(12.0);
  CHECK(rig.sense().current[0] == doctest::Approx(12.0 / (f.resistance + 0.5)).epsilon(1e-9));
}

TEST_CASE("a command comes late by its delay, a reading by its own, to the step") {
  Figures f = plain_servo();
  f.command_delay = 0.007;
  f.sensing_delay = 0.005;
  ThreeBars bars(Three{f, {}, {}});
  bars.start();
  std::vector<double> torque, position;
  for (int i = 0; i < 60; ++i) {
    position.push_back(bars.data->qpos[0]);
    const HandState state = bars.sense();
    CHECK(state.q[0] == position[static_cast<std::size_t>(std::max(i - 5, 0))]);
    CHECK(state.q[1] == bars.data->qpos[1]);
    bars.step(joints({0.01 * i, 0.0, 0.0}));
    torque.push_back(bars.data->ctrl[0]);
  }
  for (int i = 0; i < 60; ++i) {
    CHECK(torque[static_cast<std::size_t>(i)] == doctest::Approx(0.01 * std::max(i - 7, 0)));
  }
}

TEST_CASE("an encoder reads whole counts, the nearest one") {
  Figures f = plain_servo();
  f.resolution = 2.0 * std::numbers::pi / 4096.0;
  ThreeBars bars(Three{f, {}, {}});
  bars.start();
  int changes = 0;
  double last = 0.0;
  for (int i = 0; i < 300; ++i) {
    bars.step(joints({0.1, 0.1, 0.0}));
    const double read = bars.sense().q[0];
    CHECK(read == f.resolution * std::round(read / f.resolution));
    CHECK(std::abs(read - bars.data->qpos[0]) <= 0.5 * f.resolution + 1e-15);
    changes += read != last;
    last = read;
  }
  CHECK(changes > 20);
}

TEST_CASE("a run is the same to the bit, whatever ran before") {
  Figures f = standing();
  f.friction = {0.02, 0.01, 0.05, 0.05, 0.02, 0.02, 0.02, 0.2, 1.5, 0.01, 0.01};
  f.thermal = {8.0, 12.0, 1.0, 20.0, 100.0};
  f.backlash = 0.005;
  f.command_delay = 0.003;
  ThreeBars bars(Three{f, f, {}}, {12.0, 0.2, 6.0});
  const auto run = [&] {
    mj_resetData(bars.model.get(), bars.data.get());
    bars.start();
    for (int i = 0; i < 500; ++i) bars.step(joints({std::sin(0.02 * i), -0.5, 0.1}));
    return bars.data->qpos[0] + 1e3 * bars.data->qvel[1];
  };
  const double first = run();
  CHECK(first != 0.0);
  CHECK(run() == first);
}

TEST_CASE("after a run the model is what it was") {
  Figures f = plain_servo();
  f.backlash = 0.01;
  ThreeBars bars(Three{f, f, f});
  const ModelPointer before(mj_copyModel(nullptr, bars.model.get()));
  bars.start();
  for (int i = 0; i < 20; ++i) bars.step(joints({1.0, 1.0, 1.0}));
  CHECK(bars.model->dof_solimp[0] != before->dof_solimp[0]);
  bars.plant->finish();
  for (int j = 0; j < 3; ++j) {
    CHECK(bars.model->dof_armature[j] == before->dof_armature[j]);
    CHECK(bars.model->dof_damping[j] == before->dof_damping[j]);
    CHECK(bars.model->dof_frictionloss[j] == before->dof_frictionloss[j]);
    CHECK(bars.model->dof_solimp[mjNIMP * j] == before->dof_solimp[mjNIMP * j]);
    CHECK(bars.model->dof_solref[mjNREF * j + 1] == before->dof_solref[mjNREF * j + 1]);
    CHECK(bars.model->actuator_ctrllimited[j] == before->actuator_ctrllimited[j]);
  }
}

TEST_CASE("figures that do not fit the model are refused by name") {
  const auto refuses = [](const Three& figures) {
    CHECK_THROWS_AS(ThreeBars(figures).start(), std::invalid_argument);
  };
  refuses(Three{plain_servo()});
  Figures f = plain_servo();
  f.inertia = 0.005;  // more than the joint's armature
  refuses(Three{f, {}, {}});
  f = plain_servo();
  f.command_delay = 0.1;
  refuses(Three{f, {}, {}});
  f = plain_servo();
  f.sensing_delay = 0.1;
  refuses(Three{f, {}, {}});
  f = plain_servo();
  f.rail = 4;
  refuses(Three{f, {}, {}});
  const ModelPointer m = bar(0.004, 0.1, "<position name=\"m\" joint=\"j\" kp=\"3\"/>");
  SimPlantIds ids;
  ids.joint = ids.actuator = {0};
  ids.drives.actuator = {plain_servo()};
  CHECK_THROWS_WITH(SimPlant(*m, ids, {}, kPeriod),
                    doctest::Contains("actuator 'm' shall have the physics"));
}

}  // namespace
}  // namespace handloop::testing::hand_drives
