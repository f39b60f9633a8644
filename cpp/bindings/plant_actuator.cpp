// Real actuators of a simulated hand.

#include "bindings.hpp"
#include "checks.hpp"
#include "handloop/actuator/hand_drives.hpp"

namespace handloop::bindings {

namespace {

using actuator::Figures;
using actuator::HandFigures;

void check_figures(const Figures& f, const std::string& name) {
  positive(name + "torque_constant", f.torque_constant);
  positive(name + "back_emf", f.back_emf);
  positive(name + "resistance", f.resistance);
  not_negative(name + "inductance", f.inductance);
  positive(name + "voltage", f.voltage);
  require(f.current_max > 0.0, name + "current_max", "> 0");
  require(f.rail >= 0 && f.rail < kMaxRails, name + "rail", "0 to 3");
  not_negative(name + "supply_resistance", f.supply_resistance);
  positive(name + "inertia", f.inertia);
  not_negative(name + "backlash", f.backlash);
  not_negative(name + "stiffness", f.stiffness);
  not_negative(name + "resolution", f.resolution);
  not_negative(name + "command_delay", f.command_delay);
  not_negative(name + "sensing_delay", f.sensing_delay);
  check(f.friction, name + "friction.");
  check(f.thermal, name + "thermal.");
}

HandFigures hand_figures(std::vector<std::optional<Figures>> actuators,
                         const std::vector<Rail>& rails, double ambient) {
  for (std::size_t k = 0; k < actuators.size(); ++k) {
    if (actuators[k]) check_figures(*actuators[k], "actuators[" + std::to_string(k) + "].");
  }
  HandFigures hand;
  if (rails.size() > hand.rail.size()) {
    throw py::value_error("a hand has at most " + std::to_string(hand.rail.size()) +
                          " rails, not " + std::to_string(rails.size()));
  }
  for (std::size_t r = 0; r < rails.size(); ++r) {
    const std::string name = "rails[" + std::to_string(r) + "].";
    not_negative(name + "voltage", rails[r].voltage);
    not_negative(name + "resistance", rails[r].resistance);
  }
  require(std::isfinite(ambient), "ambient", "finite");
  hand.actuator = std::move(actuators);
  std::copy(rails.begin(), rails.end(), hand.rail.begin());
  hand.ambient = ambient;
  return hand;
}

}  // namespace

void bind_plant_actuator(py::module_& m) {
  m.attr("INERTIA_BEHIND_PLAY") = actuator::ElasticGear::kBehindPlay;
  py::native_enum<actuator::Command>(m, "ActuatorCommand", "enum.IntEnum")
      .value("TORQUE", actuator::Command::kTorque)
      .value("VOLTAGE", actuator::Command::kVoltage)
      .value("STANDSTILL_TORQUE", actuator::Command::kStandstillTorque)
      .finalize();
  py::native_enum<actuator::EncoderSide>(m, "EncoderSide", "enum.IntEnum")
      .value("OUTPUT", actuator::EncoderSide::kOutput)
      .value("MOTOR", actuator::EncoderSide::kMotor)
      .finalize();
  py::class_<Figures>(m, "ActuatorFigures")
      .def(py::init<>())
      .def_readwrite("command", &Figures::command)
      .def_readwrite("torque_constant", &Figures::torque_constant)
      .def_readwrite("back_emf", &Figures::back_emf)
      .def_readwrite("resistance", &Figures::resistance)
      .def_readwrite("inductance", &Figures::inductance)
      .def_readwrite("voltage", &Figures::voltage)
      .def_readwrite("current_max", &Figures::current_max)
      .def_readwrite("rail", &Figures::rail)
      .def_readwrite("supply_resistance", &Figures::supply_resistance)
      .def_readwrite("inertia", &Figures::inertia)
      .def_readwrite("backlash", &Figures::backlash)
      .def_readwrite("stiffness", &Figures::stiffness)
      .def_readwrite("friction", &Figures::friction)
      .def_readwrite("thermal", &Figures::thermal)
      .def_readwrite("encoder_side", &Figures::encoder_side)
      .def_readwrite("resolution", &Figures::resolution)
      .def_readwrite("command_delay", &Figures::command_delay)
      .def_readwrite("sensing_delay", &Figures::sensing_delay);
  py::class_<HandFigures>(m, "HandFigures")
      .def(py::init(&hand_figures), py::arg("actuators") = std::vector<std::optional<Figures>>(),
           py::arg("rails") = std::vector<Rail>(), py::arg("ambient") = kCatalogueCelsius)
      .def_readonly("actuators", &HandFigures::actuator)
      .def_readonly("ambient", &HandFigures::ambient);
}

}  // namespace handloop::bindings
