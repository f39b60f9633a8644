// The simulated plant.

#include "bindings.hpp"
#include "claimed.hpp"
#include "handloop/controller.hpp"
#include "handloop/recorder.hpp"
#include "handloop/sim_plant.hpp"

namespace handloop::bindings {

py::dict columns(const std::vector<Channel>& channels) {
  py::dict d;
  for (const Channel& c : channels) d[c.name.c_str()] = py::make_tuple(c.begin, c.width);
  return d;
}

void check_same_hand(const SimPlant& plant, const Controller& controller) {
  const HandModel& hand = controller.model();
  const auto size = [](auto joints, int fingers) {
    return std::to_string(joints) + " joints and " + std::to_string(fingers) + " fingers";
  };
  if (plant.joint_count() != hand.joint_count || plant.finger_count() != hand.finger_count) {
    throw py::value_error("the plant has " + size(plant.joint_count(), plant.finger_count()) +
                          ", the controller " + size(hand.joint_count, hand.finger_count));
  }
  if (plant.motor_count() != controller.transmission().motor_count()) {
    throw py::value_error("the plant has " + std::to_string(plant.motor_count()) +
                          " motors, the controller " +
                          std::to_string(controller.transmission().motor_count()));
  }
}

namespace {

void start(SimPlant& plant, const py::object& data) {
  auto& d = address_of<mjData>(data);
  if (d.signature != plant.model().signature) {
    throw py::value_error("the data was made for another model than the plant's");
  }
  const Claim claim(plant, Claim::By::kCaller);
  plant.start(d, hold(data));
}

void inject(SimPlant& plant, SensorFaultKind kind, int index, double begin, double end,
            double value) {
  const Claim claim(plant, Claim::By::kCaller);
  plant.inject({kind, index, begin, end, value});
}

void add_track_to_plant(SimPlant& plant, TrackTarget target, int id, int component,
                        std::vector<double> time, std::vector<double> value) {
  const Claim claim(plant, Claim::By::kCaller);
  plant.add({target, id, component, std::move(time), std::move(value)});
}

}  // namespace

void bind_sim(py::module_& m) {
  py::class_<SensorModel>(m, "SensorModel")
      .def(py::init<>())
      .def_readwrite("seed", &SensorModel::seed)
      .def_readwrite("delay", &SensorModel::delay)
      .def_readwrite("position_noise", &SensorModel::position_noise)
      .def_readwrite("velocity_noise", &SensorModel::velocity_noise)
      .def_readwrite("force_noise", &SensorModel::force_noise)
      .def_readwrite("force_gain_error", &SensorModel::force_gain_error)
      .def_readwrite("slip_noise", &SensorModel::slip_noise)
      .def_readwrite("current_noise", &SensorModel::current_noise);

  py::class_<SimPlantIds>(m, "SimPlantIds")
      .def(py::init([](std::vector<int> joint, std::vector<int> actuator, std::vector<int> tip,
                       std::vector<int> contact, std::vector<int> tactile,
                       std::vector<double> torque_constant, actuator::HandFigures drives) {
             return SimPlantIds{std::move(joint),   std::move(actuator), std::move(tip),
                                std::move(contact), std::move(tactile),  std::move(torque_constant),
                                std::move(drives)};
           }),
           py::arg("joint"), py::arg("actuator"), py::arg("tip"),
           py::arg("contact") = std::vector<int>(), py::arg("tactile") = std::vector<int>(),
           py::arg("torque_constant") = std::vector<double>(),
           py::arg("drives") = actuator::HandFigures());

  py::native_enum<SensorFaultKind>(m, "SensorFaultKind", "enum.IntEnum")
      .value("NOT_A_NUMBER", SensorFaultKind::kNotANumber)
      .value("FROZEN_JOINT", SensorFaultKind::kFrozenJoint)
      .value("FROZEN_FINGER", SensorFaultKind::kFrozenFinger)
      .value("STALE", SensorFaultKind::kStale)
      .value("POSITION", SensorFaultKind::kPosition)
      .value("VELOCITY", SensorFaultKind::kVelocity)
      .value("FORCE", SensorFaultKind::kForce)
      .value("TEMPERATURE", SensorFaultKind::kTemperature)
      .value("EMERGENCY_STOP", SensorFaultKind::kEmergencyStop)
      .finalize();

  py::native_enum<TrackTarget>(m, "TrackTarget", "enum.IntEnum")
      .value("BODY_MASS", TrackTarget::kBodyMass)
      .value("BODY_FORCE", TrackTarget::kBodyForce)
      .value("MOCAP_POSITION", TrackTarget::kMocapPosition)
      .value("CONTROL", TrackTarget::kControl)
      .value("EQUALITY", TrackTarget::kEquality)
      .finalize();

  py::class_<SimPlant, Plant>(m, "SimPlant")
      .def(py::init([](const py::object& model, const SimPlantIds& ids, const SensorModel& sensors,
                       double period, const CapstanFriction& tendon_friction) {
             return std::make_unique<SimPlant>(address_of<mjModel>(model), ids, sensors, period,
                                               tendon_friction);
           }),
           py::arg("model"), py::arg("ids"), py::arg("sensors"), py::arg("control_period"),
           py::arg("tendon_friction") = CapstanFriction(), py::keep_alive<1, 2>())
      .def("start", &start, py::arg("data"))
      .def("add_track", &add_track_to_plant, py::arg("target"), py::arg("id"), py::arg("component"),
           py::arg("time"), py::arg("value"))
      .def("inject", &inject, py::arg("kind"), py::arg("index") = 0, py::arg("begin") = 0.0,
           py::arg("end") = std::numeric_limits<double>::infinity(), py::arg("value") = 0.0)
      .def_property_readonly("now", claimed<SimPlant>([](const SimPlant& p) {
                               p.check_ready();
                               return p.now();
                             }))
      .def("read",
           [](SimPlant& p) {
             const Claim claim(p, Claim::By::kCaller);
             p.check_ready();
             HandState state;
             p.read(state);
             return state;
           })
      .def(
          "write",
          [](SimPlant& p, const std::vector<double>& effort) {
            HandCommand command;
            command.effort = actuator_vector(effort, p.motor_count(), "effort");
            const Claim claim(p, Claim::By::kCaller);
            p.check_ready();
            p.write(command);
          },
          py::arg("effort"))
      .def("prepare_step",
           [](SimPlant& p) {
             const Claim claim(p, Claim::By::kCaller);
             p.check_ready();
             p.prepare_step();
           })
      .def("advance", [](SimPlant& p) {
        const Claim claim(p, Claim::By::kCaller);
        p.check_ready();
        py::gil_scoped_release release;
        return p.advance();
      });
}

}  // namespace handloop::bindings
