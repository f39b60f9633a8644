// One real actuator on one hinge, with what hangs on it, for tests.
#pragma once

#include <memory>
#include <string>

#include "handloop/sim_plant.hpp"
#include "support.hpp"

namespace handloop::testing {

// A servo of 12 V and 3 N m, as a figure for every test; friction, heat and play are the test's.
inline actuator::Figures plain_servo() {
  actuator::Figures f;
  f.torque_constant = f.back_emf = 1.488;
  f.resistance = 5.95;
  f.voltage = 12.0;
  f.inertia = 0.004;
  return f;
}

// A bar of `mass` [kg] that hangs at a hinge, its centre 0.1 m from it, and whatever turns the
// hinge.
inline ModelPointer bar(double inertia, double mass, const std::string& actuator,
                        double step = kPeriod, double gravity = 9.81) {
  return compile("<mujoco><option integrator=\"implicitfast\" timestep=\"" + std::to_string(step) +
                 "\" gravity=\"0 0 -" + std::to_string(gravity) +
                 "\"/><worldbody><body><joint name=\"j\" axis=\"0 1 0\" armature=\"" +
                 std::to_string(inertia) + "\"/><inertial pos=\"0 0 -0.1\" mass=\"" +
                 std::to_string(mass) +
                 "\" diaginertia=\"1e-5 1e-5 1e-5\"/></body></worldbody><actuator>" + actuator +
                 "</actuator></mujoco>");
}

class ActuatorRig {
 public:
  explicit ActuatorRig(const actuator::Figures& figures, double mass = 1e-3, double step = kPeriod,
                       double gravity = 9.81, const std::array<Rail, kMaxRails>& rails = {})
      : model(bar(figures.inertia, mass, "<motor name=\"m\" joint=\"j\"/>", step, gravity)),
        data(mj_makeData(model.get())) {
    SimPlantIds ids;
    ids.joint = ids.actuator = {0};
    ids.torque_constant = {1.0};
    ids.drives.actuator = {figures};
    ids.drives.rail = rails;
    plant = std::make_unique<SimPlant>(*model, ids, SensorModel{}, step);
  }

  void start(double position = 0.0, double speed = 0.0) {
    data->qpos[0] = position;
    data->qvel[0] = speed;
    plant->start(*data);
  }
  void step(double told) {
    HandCommand command;
    command.effort = joints({told});
    plant->write(command);
    plant->advance();
  }
  HandState sense() {
    HandState state;
    plant->read(state);
    return state;
  }
  double position() const { return data->qpos[0]; }
  double speed() const { return data->qvel[0]; }

  ModelPointer model;
  DataPointer data;
  std::unique_ptr<SimPlant> plant;
};

}  // namespace handloop::testing
