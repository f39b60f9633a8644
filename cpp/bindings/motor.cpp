// Motors, and the contact forces told from them.

#include "handloop/motor.hpp"

#include "bindings.hpp"
#include "checks.hpp"
#include "handloop/force_estimate.hpp"

namespace handloop::bindings {

namespace {

void bind_figures(py::module_& m) {
  py::class_<Friction>(m, "Friction")
      .def(py::init<>())
      .def_readwrite("coulomb", &Friction::coulomb)
      .def_readwrite("viscous", &Friction::viscous)
      .def_readwrite("load_motor", &Friction::load_motor)
      .def_readwrite("load_external", &Friction::load_external)
      .def_readwrite("stribeck_coulomb", &Friction::stribeck_coulomb)
      .def_readwrite("stribeck_load_motor", &Friction::stribeck_load_motor)
      .def_readwrite("stribeck_load_external", &Friction::stribeck_load_external)
      .def_readwrite("stribeck_speed", &Friction::stribeck_speed)
      .def_readwrite("stribeck_exponent", &Friction::stribeck_exponent)
      .def_readwrite("quadratic_motor", &Friction::quadratic_motor)
      .def_readwrite("quadratic_external", &Friction::quadratic_external)
      .def("budget", &Friction::budget, py::arg("speed"), py::arg("motor"), py::arg("external"))
      .def("dry_delivering", &Friction::dry_delivering, py::arg("speed"), py::arg("effort"),
           py::arg("way"))
      .def("dry_driven", &Friction::dry_driven, py::arg("speed"), py::arg("motor"), py::arg("way"));

  py::class_<Thermal>(m, "Thermal")
      .def(py::init<>())
      .def_readwrite("winding_resistance", &Thermal::winding_resistance)
      .def_readwrite("housing_resistance", &Thermal::housing_resistance)
      .def_readwrite("winding_capacity", &Thermal::winding_capacity)
      .def_readwrite("housing_capacity", &Thermal::housing_capacity)
      .def_readwrite("winding_max", &Thermal::winding_max);

  py::class_<Motor>(m, "Motor")
      .def(py::init<>())
      .def_readwrite("torque_constant", &Motor::torque_constant)
      .def_readwrite("resistance", &Motor::resistance)
      .def_readwrite("back_emf", &Motor::back_emf)
      .def_readwrite("current_max", &Motor::current_max)
      .def_readwrite("rail", &Motor::rail)
      .def_readwrite("friction", &Motor::friction)
      .def_readwrite("thermal", &Motor::thermal);

  py::class_<Rail>(m, "Rail")
      .def(py::init<>())
      .def_readwrite("voltage", &Rail::voltage)
      .def_readwrite("resistance", &Rail::resistance)
      .def_readwrite("voltage_min", &Rail::voltage_min);
}

// A list of structs that the core keeps in storage of its own.
template <typename T, std::size_t N>
void assign(std::array<T, N>& to, const std::vector<T>& from, const char* what) {
  if (from.size() > N) {
    throw py::value_error("a hand has at most " + std::to_string(N) + ' ' + what + ", not " +
                          std::to_string(from.size()));
  }
  to = {};
  std::copy(from.begin(), from.end(), to.begin());
}

void bind_configs(py::module_& m) {
  py::class_<MotorConfig>(m, "MotorConfig")
      .def(py::init<>())
      .def_property(
          "motors",
          [](const MotorConfig& c) {
            return std::vector<Motor>(c.motor.begin(), c.motor.begin() + c.count);
          },
          [](MotorConfig& c, const std::vector<Motor>& motors) {
            assign(c.motor, motors, "motors");
            c.count = static_cast<int>(motors.size());
          })
      .def_property(
          "rails",
          [](const MotorConfig& c) { return std::vector<Rail>(c.rail.begin(), c.rail.end()); },
          [](MotorConfig& c, const std::vector<Rail>& rails) { assign(c.rail, rails, "rails"); })
      .def_readwrite("friction_compensation", &MotorConfig::friction_compensation)
      .def_readwrite("sign_width", &MotorConfig::sign_width)
      .def_readwrite("ambient", &MotorConfig::ambient)
      .def_readwrite("housing_time", &MotorConfig::housing_time);

  py::class_<ObserverConfig>(m, "ObserverConfig")
      .def(py::init<>())
      .def_readwrite("force_source", &ObserverConfig::force_source)
      .def_readwrite("bandwidth", &ObserverConfig::bandwidth)
      .def_readwrite("presliding", &ObserverConfig::presliding)
      .def_readwrite("position_time", &ObserverConfig::position_time)
      .def_readwrite("gap_max", &ObserverConfig::gap_max)
      .def_readwrite("torque_uncertainty", &ObserverConfig::torque_uncertainty)
      .def_readwrite("friction_uncertainty", &ObserverConfig::friction_uncertainty)
      .def_readwrite("force_prior", &ObserverConfig::force_prior)
      .def_readwrite("touch_on", &ObserverConfig::touch_on)
      .def_readwrite("touch_off", &ObserverConfig::touch_off)
      .def_readwrite("confidence", &ObserverConfig::confidence);
}

void bind_estimate(py::module_& m) {
  py::class_<ForceEstimate>(m, "ForceEstimate")
      .def(py::init([](const ObserverConfig& observer, const MotorConfig& motors,
                       const HandModel& hand) {
             check(motors, hand.joint_count);
             check(observer);
             return std::make_unique<ForceEstimate>(observer, motors, hand);
           }),
           py::arg("observer"), py::arg("motors"), py::arg("hand"))
      .def(
          "remember",
          [](ForceEstimate& e, double time, const std::vector<double>& torque) {
            const auto joints = e.observer().external_torque().size();
            e.remember(time, joint_vector(torque, joints, "torque"));
          },
          py::arg("time"), py::arg("torque"))
      .def(
          "update",
          [](ForceEstimate& e, HandKinematics& hand, HandState& sample) {
            const auto joints = e.observer().external_torque().size();
            if (sample.q.size() != joints || sample.dq.size() != joints ||
                hand.model().joint_count != joints) {
              throw py::value_error("the sample or the kinematics are those of another hand");
            }
            hand.update_position(sample.q);
            e.update(hand, sample);
          },
          py::arg("hand"), py::arg("sample"))
      .def("reset", &ForceEstimate::reset)
      .def_property_readonly(
          "external_torque",
          [](const ForceEstimate& e) { return Eigen::VectorXd(e.observer().external_torque()); })
      .def_property_readonly("sliding_sign", [](const ForceEstimate& e) {
        return Eigen::VectorXd(e.observer().sliding_sign());
      });
}

void check_motor(const Motor& m, const std::string& name) {
  positive(name + "torque_constant", m.torque_constant);
  not_negative(name + "resistance", m.resistance);
  not_negative(name + "back_emf", m.back_emf);
  require(m.current_max > 0.0, name + "current_max", "> 0");
  require(m.rail >= 0 && m.rail < kMaxRails, name + "rail", "0 to 3");
  check(m.friction, name + "friction.");
  check(m.thermal, name + "thermal.");
  if (!m.thermal.known()) return;
  require(std::isfinite(m.thermal.winding_max), name + "thermal.winding_max", "finite");
}

}  // namespace

void check(const Friction& f, const std::string& name) {
  not_negative(name + "coulomb", f.coulomb);
  not_negative(name + "viscous", f.viscous);
  not_negative(name + "load_motor", f.load_motor);
  not_negative(name + "load_external", f.load_external);
  not_negative(name + "stribeck_coulomb", f.stribeck_coulomb);
  not_negative(name + "stribeck_load_motor", f.stribeck_load_motor);
  not_negative(name + "stribeck_load_external", f.stribeck_load_external);
  positive(name + "stribeck_speed", f.stribeck_speed);
  positive(name + "stribeck_exponent", f.stribeck_exponent);
  not_negative(name + "quadratic_motor", f.quadratic_motor);
  not_negative(name + "quadratic_external", f.quadratic_external);
}

void check(const Thermal& thermal, const std::string& name) {
  not_negative(name + "winding_resistance", thermal.winding_resistance);
  if (!thermal.known()) return;
  positive(name + "housing_resistance", thermal.housing_resistance);
  positive(name + "winding_capacity", thermal.winding_capacity);
  positive(name + "housing_capacity", thermal.housing_capacity);
}

void check(const MotorConfig& motors, int motor_count) {
  if (motors.count != 0 && motors.count != motor_count) {
    throw py::value_error("motors.motors has " + std::to_string(motors.count) +
                          " entries; this hand needs none or one for each of its " +
                          std::to_string(motor_count) + " motors");
  }
  for (int k = 0; k < motors.count; ++k) {
    check_motor(motors.motor[static_cast<std::size_t>(k)],
                "motors.motors[" + std::to_string(k) + "].");
  }
  for (std::size_t r = 0; r < kMaxRails; ++r) {
    const Rail& rail = motors.rail[r];
    const std::string name = "motors.rails[" + std::to_string(r) + "].";
    not_negative(name + "voltage", rail.voltage);
    not_negative(name + "resistance", rail.resistance);
    require(rail.voltage_min >= 0.0 && rail.voltage_min <= rail.voltage, name + "voltage_min",
            ">= 0 and at most the voltage");
  }
  fraction("motors.friction_compensation", motors.friction_compensation);
  positive("motors.sign_width", motors.sign_width);
  require(std::isfinite(motors.ambient), "motors.ambient", "finite");
  positive("motors.housing_time", motors.housing_time);
}

void check(const ObserverConfig& observer) {
  positive("observer.bandwidth", observer.bandwidth);
  positive("observer.presliding", observer.presliding);
  not_negative("observer.position_time", observer.position_time);
  positive("observer.gap_max", observer.gap_max);
  positive("observer.torque_uncertainty", observer.torque_uncertainty);
  not_negative("observer.friction_uncertainty", observer.friction_uncertainty);
  positive("observer.force_prior", observer.force_prior);
  not_negative("observer.touch_on", observer.touch_on);
  require(observer.touch_off >= 0.0 && observer.touch_off <= observer.touch_on,
          "observer.touch_off", ">= 0 and at most observer.touch_on");
  not_negative("observer.confidence", observer.confidence);
}

void bind_motor(py::module_& m) {
  py::native_enum<ForceSource>(m, "ForceSource", "enum.IntEnum")
      .value("SENSORS", ForceSource::kSensors)
      .value("MOTORS", ForceSource::kMotors)
      .finalize();
  py::native_enum<MotorLimit>(m, "MotorLimit", "enum.IntEnum")
      .value("NONE", MotorLimit::kNone)
      .value("CURRENT", MotorLimit::kCurrent)
      .value("HEAT", MotorLimit::kHeat)
      .value("VOLTAGE", MotorLimit::kVoltage)
      .value("RAIL", MotorLimit::kRail)
      .finalize();
  bind_figures(m);
  bind_configs(m);
  bind_estimate(m);
}

}  // namespace handloop::bindings
