// A hand on its servos.

#include "handloop/bus/bus_plant.hpp"

#include <string_view>
#include <utility>

#include "bindings.hpp"
#include "bus_lines.hpp"
#include "claimed.hpp"
#include "living.hpp"

namespace handloop::bindings {

namespace {

// With the bytes that its block says at first.
struct OwnedDrive {
  bus::ServoDrive drive;
  std::vector<std::uint8_t> first;
};

using Block = std::pair<std::uint16_t, std::uint16_t>;
using Contents = std::pair<std::uint16_t, py::bytes>;
using Setting = std::pair<std::uint16_t, std::uint8_t>;

OwnedDrive make_drive(std::uint8_t id, const Block& read, const Contents& write,
                      const bus::RawField& position, double position_unit, int line,
                      bus::ServoMode mode, double ratio, double zero, double current_limit,
                      double stiffness, double lead, const bus::RawField& velocity,
                      double velocity_unit, const bus::RawField& current, double current_unit,
                      const bus::RawField& temperature, double temperature_unit,
                      const bus::RawField& goal_position, const bus::RawField& goal_current,
                      std::optional<std::uint16_t> torque, const std::optional<Setting>& watchdog,
                      std::uint8_t distrusted_alarms, const Block& health,
                      const bus::RawField& health_temperature, const bus::RawField& health_voltage,
                      const bus::RawField& health_error, double voltage_unit,
                      const bus::RawField& goal_pwm, double pwm_unit,
                      const std::array<double, 3>& motor, bool senses_supply,
                      double emf_compensation) {
  OwnedDrive owned;
  const std::string_view first(write.second);
  owned.first.assign(first.begin(), first.end());
  bus::ServoDrive& d = owned.drive;
  d.id = id;
  d.line = line;
  d.mode = mode;
  d.ratio = ratio;
  d.zero = zero;
  d.current_limit = current_limit;
  d.stiffness = stiffness;
  d.lead = lead;
  d.read = {id, read.first, read.second, {}};
  d.write = {id, write.first, static_cast<std::uint16_t>(owned.first.size()), {}};
  d.position = position;
  d.velocity = velocity;
  d.current = current;
  d.temperature = temperature;
  d.goal_position = goal_position;
  d.goal_current = goal_current;
  d.position_unit = position_unit;
  d.velocity_unit = velocity_unit;
  d.current_unit = current_unit;
  d.temperature_unit = temperature_unit;
  d.torque = torque;
  if (watchdog) d.watchdog = {watchdog->first, watchdog->second};
  d.distrusted_alarms = distrusted_alarms;
  d.health = {{id, health.first, health.second, {}},
              health_temperature,
              health_voltage,
              health_error,
              voltage_unit};
  d.goal_pwm = goal_pwm;
  d.pwm_unit = pwm_unit;
  d.motor = {motor[0], motor[1], motor[2]};
  d.senses_supply = senses_supply;
  d.emf_compensation = emf_compensation;
  return owned;
}

std::vector<bus::ServoDrive> with_first_bytes(const std::vector<OwnedDrive>& owned) {
  std::vector<bus::ServoDrive> drives;
  for (const OwnedDrive& o : owned) {
    drives.push_back(o.drive);
    drives.back().write.data = o.first;
  }
  return drives;
}

// What the plant speaks on, which is older than the plant and outlives it.
struct OwnedLines {
  std::vector<std::shared_ptr<const void>> wires;
  std::vector<std::unique_ptr<bus::Protocol>> protocols;
  std::vector<std::unique_ptr<bus::Line>> lines;

  OwnedLines(const std::vector<py::object>& on, const std::vector<ServoProtocol>& families,
             std::vector<bus::LineConfig> configs) {
    if (configs.empty()) configs.resize(on.size());
    if (families.size() != on.size() || configs.size() != on.size()) {
      throw py::value_error("give a protocol, and settings if any, for each wire");
    }
    for (std::size_t l = 0; l < on.size(); ++l) {
      wires.push_back(hold(on[l]));
      protocols.push_back(make_protocol(families[l]));
      lines.push_back(
          std::make_unique<bus::Line>(on[l].cast<bus::Wire&>(), *protocols[l], configs[l]));
    }
  }
  std::vector<bus::Line*> pointers() const {
    std::vector<bus::Line*> all;
    for (const auto& line : lines) all.push_back(line.get());
    return all;
  }
};

class HandOnBus final : private OwnedLines, public bus::BusPlant {
 public:
  HandOnBus(const std::vector<py::object>& wires, const std::vector<ServoProtocol>& protocols,
            const std::vector<OwnedDrive>& drives, const bus::BusPlantConfig& config,
            const std::vector<bus::LineConfig>& lines)
      : OwnedLines(wires, protocols, lines),
        BusPlant(pointers(), with_first_bytes(drives), config) {}
};

// Servos may take their time to answer: Python's other threads run on.
struct DeletePlantWithoutGil {
  void operator()(HandOnBus* plant) const {
    const py::gil_scoped_release release;
    Living<HandOnBus>::remove(plant);
    delete plant;
  }
};

// Of joints that did not confirm, their places.
template <bus::ServoSet (bus::BusPlant::*act)()>
std::vector<std::size_t> unconfirmed(HandOnBus& plant) {
  const Claim claim(plant, Claim::By::kCaller);
  const py::gil_scoped_release release;
  const bus::ServoSet open = (plant.*act)();
  std::vector<std::size_t> joints;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (open[i]) joints.push_back(i);
  }
  return joints;
}

HandState read(HandOnBus& plant) {
  const Claim claim(plant, Claim::By::kCaller);
  const py::gil_scoped_release release;
  HandState state;
  plant.read(state);
  return state;
}

void bind_fields(py::module_& m) {
  py::native_enum<bus::Encoding>(m, "RawEncoding", "enum.IntEnum")
      .value("UNSIGNED", bus::Encoding::kUnsigned)
      .value("TWOS_COMPLEMENT", bus::Encoding::kTwosComplement)
      .value("SIGN_MAGNITUDE", bus::Encoding::kSignMagnitude)
      .finalize();
  py::class_<bus::RawField>(m, "RawField")
      .def(py::init([](std::uint8_t offset, std::uint8_t size, bus::Encoding encoding,
                       std::uint8_t sign_bit, bool big_endian) {
             return bus::RawField{offset, size, encoding, sign_bit, big_endian};
           }),
           py::arg("offset"), py::arg("size"), py::arg("encoding") = bus::Encoding::kTwosComplement,
           py::kw_only(), py::arg("sign_bit") = 15, py::arg("big_endian") = false);
}

void bind_drive(py::module_& m) {
  py::native_enum<bus::ServoMode>(m, "ServoMode", "enum.IntEnum")
      .value("CURRENT", bus::ServoMode::kCurrent)
      .value("CURRENT_POSITION", bus::ServoMode::kCurrentPosition)
      .value("POSITION", bus::ServoMode::kPosition)
      .value("VOLTAGE", bus::ServoMode::kVoltage)
      .finalize();
  const bus::ServoDrive usual;
  const bus::RawField none;
  py::class_<OwnedDrive>(m, "ServoDrive")
      .def(py::init(&make_drive), py::kw_only(), py::arg("id"), py::arg("read"), py::arg("write"),
           py::arg("position"), py::arg("position_unit"), py::arg("line") = usual.line,
           py::arg("mode") = usual.mode, py::arg("ratio") = usual.ratio,
           py::arg("zero") = usual.zero, py::arg("current_limit") = usual.current_limit,
           py::arg("stiffness") = usual.stiffness, py::arg("lead") = usual.lead,
           py::arg("velocity") = none, py::arg("velocity_unit") = usual.velocity_unit,
           py::arg("current") = none, py::arg("current_unit") = usual.current_unit,
           py::arg("temperature") = none, py::arg("temperature_unit") = usual.temperature_unit,
           py::arg("goal_position") = none, py::arg("goal_current") = none,
           py::arg("torque") = py::none(), py::arg("watchdog") = py::none(),
           py::arg("distrusted_alarms") = usual.distrusted_alarms, py::arg("health") = Block(),
           py::arg("health_temperature") = none, py::arg("health_voltage") = none,
           py::arg("health_error") = none, py::arg("voltage_unit") = usual.health.voltage_unit,
           py::arg("goal_pwm") = none, py::arg("pwm_unit") = usual.pwm_unit,
           py::arg("motor") = std::array<double, 3>{}, py::arg("senses_supply") = false,
           py::arg("emf_compensation") = usual.emf_compensation)
      .def_property_readonly("id", [](const OwnedDrive& d) { return d.drive.id; })
      .def_property_readonly("line", [](const OwnedDrive& d) { return d.drive.line; })
      .def_property_readonly("mode", [](const OwnedDrive& d) { return d.drive.mode; });
}

void bind_config_of_plant(py::module_& m) {
  py::native_enum<bus::AtEnd>(m, "AtEnd", "enum.IntEnum")
      .value("RELEASE", bus::AtEnd::kRelease)
      .value("HOLD", bus::AtEnd::kHold)
      .finalize();
  py::class_<bus::DeratingConfig>(m, "DeratingConfig")
      .def(py::init<>())
      .def_readwrite("full_until", &bus::DeratingConfig::full_until)
      .def_readwrite("half_at", &bus::DeratingConfig::half_at)
      .def_readwrite("over_current", &bus::DeratingConfig::over_current)
      .def_readwrite("over_current_after", &bus::DeratingConfig::over_current_after)
      .def_readwrite("recovery", &bus::DeratingConfig::recovery);
  py::class_<bus::BusPlantConfig>(m, "BusPlantConfig")
      .def(py::init<>())
      .def_readwrite("period", &bus::BusPlantConfig::period)
      .def_readwrite("ramp", &bus::BusPlantConfig::ramp)
      .def_readwrite("blind_after", &bus::BusPlantConfig::blind_after)
      .def_readwrite("rewake_after", &bus::BusPlantConfig::rewake_after)
      .def_readwrite("health_every", &bus::BusPlantConfig::health_every)
      .def_readwrite("at_end", &bus::BusPlantConfig::at_end)
      .def_readwrite("derating", &bus::BusPlantConfig::derating);
}

void bind_hand_on_bus(py::module_& m) {
  using Reading = bus::DriveReading;
  py::class_<Reading>(m, "DriveReading")
      .def_readonly("outcome", &Reading::outcome)
      .def_readonly("alarms", &Reading::alarms)
      .def_readonly("age", &Reading::age)
      .def_property_readonly("temperature", [](const Reading& r) { return r.health.temperature; })
      .def_property_readonly("voltage", [](const Reading& r) { return r.health.voltage; })
      .def_property_readonly("error", [](const Reading& r) { return r.health.error; })
      .def_readonly("allowance", &Reading::allowance);

  py::class_<HandOnBus, Plant, std::unique_ptr<HandOnBus, DeletePlantWithoutGil>>(
      m, "BusPlant", py::multiple_inheritance())
      .def(py::init([](const std::vector<py::object>& wires,
                       const std::vector<ServoProtocol>& protocols,
                       const std::vector<OwnedDrive>& drives, const bus::BusPlantConfig& config,
                       const std::vector<bus::LineConfig>& lines) {
             return std::unique_ptr<HandOnBus, DeletePlantWithoutGil>(
                 Living<HandOnBus>::add(new HandOnBus(wires, protocols, drives, config, lines)));
           }),
           py::arg("wires"), py::arg("protocols"), py::arg("drives"), py::arg("config"),
           py::kw_only(), py::arg("lines") = std::vector<bus::LineConfig>())
      .def("start",
           [](HandOnBus& p) {
             const Claim claim(p, Claim::By::kCaller);
             p.start();
           })
      .def("read", &read)
      .def("engage", &unconfirmed<&bus::BusPlant::engage>)
      .def("release", &unconfirmed<&bus::BusPlant::release>)
      .def("hold", &unconfirmed<&bus::BusPlant::hold>)
      .def_property_readonly("now", claimed<HandOnBus>([](const HandOnBus& p) { return p.now(); }))
      .def_property_readonly("engaged", [](const HandOnBus& p) { return p.readings().engaged; })
      .def_property_readonly("readings", [](const HandOnBus& p) {
        const bus::BusPlantReadings all = p.readings();
        return std::vector<Reading>(all.drive.begin(),
                                    all.drive.begin() + static_cast<std::ptrdiff_t>(all.count));
      });
}

}  // namespace

void bind_bus_plant(py::module_& m) {
  Living<HandOnBus>::at_exit([](HandOnBus& plant) { plant.let_go(); });
  bind_fields(m);
  bind_drive(m);
  bind_config_of_plant(m);
  bind_hand_on_bus(m);
}

}  // namespace handloop::bindings
