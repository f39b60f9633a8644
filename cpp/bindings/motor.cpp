// Motors, and the contact forces told from them.

#include "handloop/motor.hpp"

#include <cmath>

#include "bindings.hpp"
#include "handloop/force_estimate.hpp"

namespace handloop::bindings {

namespace {

void bind_figures(py::module_& m) {
  py::class_<Friction>(m, "Friction")
      .def(py::init<>())
      .def_readwrite("coulomb", &Friction::coulomb)
      .def_readwrite("stiction", &Friction::stiction)
      .def_readwrite("stribeck_speed", &Friction::stribeck_speed)
      .def_readwrite("viscous", &Friction::viscous)
      .def_readwrite("load", &Friction::load);

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
             check(hand, motors, observer);
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

void require(bool met, const std::string& field, const char* wanted) {
  if (!met) throw py::value_error(field + " must be " + wanted);
}

void check_motor(const Motor& m, const std::string& name) {
  const auto positive = [&](double v, const char* field) {
    require(v > 0.0 && std::isfinite(v), name + field, "> 0 and finite");
  };
  const auto not_negative = [&](double v, const char* field) {
    require(v >= 0.0 && std::isfinite(v), name + field, ">= 0 and finite");
  };
  positive(m.torque_constant, "torque_constant");
  not_negative(m.resistance, "resistance");
  not_negative(m.back_emf, "back_emf");
  require(m.current_max > 0.0, name + "current_max", "> 0");
  require(m.rail >= 0 && m.rail < kMaxRails, name + "rail", "0 to 3");
  not_negative(m.friction.coulomb, "friction.coulomb");
  not_negative(m.friction.stiction, "friction.stiction");
  positive(m.friction.stribeck_speed, "friction.stribeck_speed");
  not_negative(m.friction.viscous, "friction.viscous");
  not_negative(m.friction.load, "friction.load");
  not_negative(m.thermal.winding_resistance, "thermal.winding_resistance");
  if (!m.thermal.known()) return;
  positive(m.thermal.housing_resistance, "thermal.housing_resistance");
  positive(m.thermal.winding_capacity, "thermal.winding_capacity");
  positive(m.thermal.housing_capacity, "thermal.housing_capacity");
  require(std::isfinite(m.thermal.winding_max), name + "thermal.winding_max", "finite");
}

}  // namespace

void check(const HandModel& hand, const MotorConfig& motors, const ObserverConfig& observer) {
  if (motors.count != 0 && motors.count != hand.joint_count) {
    throw py::value_error("motors.motors has " + std::to_string(motors.count) +
                          " entries; this hand needs none or one for each of its " +
                          std::to_string(hand.joint_count) + " joints");
  }
  for (int k = 0; k < motors.count; ++k) {
    check_motor(motors.motor[static_cast<std::size_t>(k)],
                "motors.motors[" + std::to_string(k) + "].");
  }
  for (std::size_t r = 0; r < kMaxRails; ++r) {
    const Rail& rail = motors.rail[r];
    const std::string name = "motors.rails[" + std::to_string(r) + "].";
    require(rail.voltage >= 0.0 && std::isfinite(rail.voltage), name + "voltage", ">= 0");
    require(rail.resistance >= 0.0 && std::isfinite(rail.resistance), name + "resistance", ">= 0");
    require(rail.voltage_min >= 0.0 && rail.voltage_min <= rail.voltage, name + "voltage_min",
            ">= 0 and at most the voltage");
  }
  const double compensation = motors.friction_compensation;
  require(compensation >= 0.0 && compensation <= 1.0, "motors.friction_compensation", "in [0, 1]");
  require(motors.sign_width > 0.0, "motors.sign_width", "> 0");
  require(std::isfinite(motors.ambient), "motors.ambient", "finite");
  require(motors.housing_time > 0.0, "motors.housing_time", "> 0");
  require(observer.bandwidth > 0.0, "observer.bandwidth", "> 0");
  require(observer.presliding > 0.0, "observer.presliding", "> 0");
  require(observer.position_time >= 0.0, "observer.position_time", ">= 0");
  require(observer.gap_max > 0.0, "observer.gap_max", "> 0");
  require(observer.torque_uncertainty > 0.0, "observer.torque_uncertainty", "> 0");
  require(observer.friction_uncertainty >= 0.0, "observer.friction_uncertainty", ">= 0");
  require(observer.force_prior > 0.0, "observer.force_prior", "> 0");
  require(observer.touch_off >= 0.0 && observer.touch_off <= observer.touch_on,
          "observer.touch_off", ">= 0 and at most observer.touch_on");
  require(observer.confidence >= 0.0, "observer.confidence", ">= 0");
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
