// From joint torques to motors: tendons, coupling, springs.

#include "handloop/transmission.hpp"

#include "bindings.hpp"
#include "checks.hpp"
#include "handloop/mujoco_tendons.hpp"

namespace handloop::bindings {

namespace {

// Binds a property over the motors of the bounds inside a configuration.
void bound_property(py::class_<TransmissionConfig>& cls, const char* name,
                    ActuatorVector EffortBounds::* member) {
  cls.def_property(
      name, [member](const TransmissionConfig& c) { return Eigen::VectorXd(c.bounds.*member); },
      [member, name](TransmissionConfig& c, const std::vector<double>& values) {
        c.bounds.*member = actuator_vector(values, name);
      });
}

void set_coupling(TransmissionConfig& c, const Eigen::MatrixXd& coupling) {
  if (coupling.rows() > kMaxActuators || coupling.cols() > kMaxJoints) {
    throw py::value_error("coupling is " + std::to_string(coupling.rows()) + " x " +
                          std::to_string(coupling.cols()) + "; at most " +
                          std::to_string(kMaxActuators) + " motors x " +
                          std::to_string(kMaxJoints) + " joints");
  }
  c.coupling = coupling;
}

void bind_transmission_config(py::module_& m) {
  py::native_enum<TransmissionKind>(m, "TransmissionKind", "enum.IntEnum")
      .value("DIRECT", TransmissionKind::kDirect)
      .value("COUPLED", TransmissionKind::kCoupled)
      .value("TENDONS", TransmissionKind::kTendons)
      .finalize();

  py::class_<CapstanFriction>(m, "CapstanFriction")
      .def(py::init<>())
      .def_readwrite("coefficient", &CapstanFriction::coefficient)
      .def_readwrite("velocity", &CapstanFriction::velocity);

  py::class_<TransmissionConfig> config(m, "TransmissionConfig");
  config.def(py::init<>())
      .def_readwrite("kind", &TransmissionConfig::kind)
      .def_readwrite("friction", &TransmissionConfig::friction)
      .def_property(
          "coupling", [](const TransmissionConfig& c) { return Eigen::MatrixXd(c.coupling); },
          &set_coupling);
  bound_property(config, "effort_min", &EffortBounds::min);
  bound_property(config, "effort_rest", &EffortBounds::rest);
  bound_property(config, "effort_max", &EffortBounds::max);
  joint_property(config, "spring_stiffness", &TransmissionConfig::spring_stiffness);
  joint_property(config, "spring_reference", &TransmissionConfig::spring_reference);

  m.def(
      "read_tendons",
      [](const py::object& model, const std::vector<int>& joints,
         const std::vector<int>& actuators) {
        return read_tendons(address_of<mjModel>(model), joints, actuators);
      },
      py::arg("model"), py::arg("joint_ids"), py::arg("actuator_ids"));
}

// A transmission with a hand of its own, for looking at it from Python.
struct Bench {
  Bench(const HandModel& model, const TransmissionConfig& config)
      : kinematics(model), transmission(model, config) {
    const JointVector reference = JointVector::Zero(model.joint_count);
    update(reference);
  }
  void update(const JointVector& q) {
    kinematics.update_position(q);
    transmission.update(kinematics, q);
  }
  int joint_count() const { return kinematics.model().joint_count; }

  HandKinematics kinematics;
  Transmission transmission;
};

void bind_transmission_class(py::module_& m) {
  const auto over_tendons = [](auto value) {
    return [value](const Bench& b) {
      Eigen::VectorXd all(b.transmission.tendons().count());
      for (int t = 0; t < b.transmission.tendons().count(); ++t) {
        all[t] = (b.transmission.tendons().*value)(t);
      }
      return all;
    };
  };
  py::class_<Bench>(m, "Transmission")
      .def(py::init([](const HandModel& hand, const TransmissionConfig& config) {
             check(hand, config);
             return std::make_unique<Bench>(hand, config);
           }),
           py::arg("hand"), py::arg("config"))
      .def_property_readonly("motor_count",
                             [](const Bench& b) { return b.transmission.motor_count(); })
      .def(
          "update",
          [](Bench& b, const std::vector<double>& q) {
            b.update(joint_vector(q, b.joint_count(), "q"));
          },
          py::arg("q"))
      .def(
          "efforts",
          [](Bench& b, const std::vector<double>& torque, const std::vector<double>& dq) {
            return Eigen::VectorXd(
                b.transmission.efforts(joint_vector(torque, b.joint_count(), "torque"),
                                       joint_vector(dq, b.joint_count(), "dq")));
          },
          py::arg("torque"), py::arg("dq"))
      .def(
          "torques",
          [](Bench& b, const std::vector<double>& effort, const std::vector<double>& dq) {
            return Eigen::VectorXd(b.transmission.torques(
                actuator_vector(effort, b.transmission.motor_count(), "effort"),
                joint_vector(dq, b.joint_count(), "dq")));
          },
          py::arg("effort"), py::arg("dq"))
      .def_property_readonly("saturated", [](const Bench& b) { return b.transmission.saturated(); })
      .def("lengths", over_tendons(&TendonKinematics::length))
      .def("wraps", over_tendons(&TendonKinematics::wrap))
      .def("moment_arms", [](const Bench& b) {
        const TendonKinematics& tendons = b.transmission.tendons();
        return Eigen::MatrixXd(tendons.moment_arms());
      });
}

}  // namespace

int motor_count(const HandModel& hand, const TransmissionConfig& c) {
  return c.kind == TransmissionKind::kCoupled   ? static_cast<int>(c.coupling.rows())
         : c.kind == TransmissionKind::kTendons ? c.tendons.count
                                                : hand.joint_count;
}

void check(const HandModel& hand, const TransmissionConfig& c) {
  const auto refuse = [](const std::string& what) {
    throw py::value_error("transmission." + what);
  };
  not_negative("transmission.friction.coefficient", c.friction.coefficient);
  positive("transmission.friction.velocity", c.friction.velocity);
  const bool direct = c.kind == TransmissionKind::kDirect;
  if (direct && c.spring_stiffness.size() + c.spring_reference.size() > 0) {
    refuse(
        "spring_stiffness and spring_reference are not for a direct transmission, which would not "
        "work against them; leave them empty");
  }
  if (!c.coupling.allFinite() || !c.spring_stiffness.allFinite() ||
      !c.spring_reference.allFinite()) {
    refuse("coupling, spring_stiffness and spring_reference must be finite");
  }
  const Eigen::Index motors = motor_count(hand, c);
  const EffortBounds& b = c.bounds;
  if (direct && b.min.size() + b.rest.size() + b.max.size() == 0) return;
  if (b.min.size() != motors || b.rest.size() != motors || b.max.size() != motors) {
    refuse("effort_min, effort_rest and effort_max need one entry for each of the " +
           std::to_string(motors) + " motors");
  }
  if (!b.rest.allFinite() ||
      !((b.min.array() <= b.rest.array()) && (b.rest.array() <= b.max.array())).all()) {
    refuse("effort_rest must be finite and lie between effort_min and effort_max of its motor");
  }
  if (c.kind == TransmissionKind::kCoupled && c.coupling.cols() != hand.joint_count) {
    refuse("coupling has " + std::to_string(c.coupling.cols()) + " columns, the hand " +
           std::to_string(hand.joint_count) + " joints");
  }
  for (const JointVector* spring : {&c.spring_stiffness, &c.spring_reference}) {
    if (spring->size() != 0 && spring->size() != hand.joint_count) {
      refuse("springs need one entry for each of the " + std::to_string(hand.joint_count) +
             " joints, or none at all");
    }
  }
  if (c.spring_stiffness.size() != c.spring_reference.size()) {
    refuse("springs need both a stiffness and a reference");
  }
  const Transmission transmission(hand, c);
  for (int j = 0; j < hand.joint_count; ++j) {
    if (!transmission.drives(j)) refuse("motors: none of them drives joint " + std::to_string(j));
  }
}

void bind_transmission(py::module_& m) {
  bind_transmission_config(m);
  bind_transmission_class(m);
}

}  // namespace handloop::bindings
