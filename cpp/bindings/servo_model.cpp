// Kinds of virtual servos: their registers, units, motors and gears, from Python.

#include "bindings.hpp"
#include "handloop/bus/virtual/control_table.hpp"
#include "handloop/bus/virtual/dynamixel_models.hpp"
#include "handloop/bus/virtual/feetech_models.hpp"

namespace handloop::bindings {

namespace {

namespace vs = bus::virtual_servo;

void bind_roles(py::module_& m) {
  py::native_enum<vs::Role>(m, "Role", "enum.IntEnum")
      .value("NONE", vs::Role::kNone)
      .value("MODEL_NUMBER", vs::Role::kModelNumber)
      .value("FIRMWARE", vs::Role::kFirmware)
      .value("ID", vs::Role::kId)
      .value("BAUD", vs::Role::kBaud)
      .value("RETURN_DELAY", vs::Role::kReturnDelay)
      .value("DRIVE_MODE", vs::Role::kDriveMode)
      .value("OPERATING_MODE", vs::Role::kOperatingMode)
      .value("HOMING_OFFSET", vs::Role::kHomingOffset)
      .value("MOVING_THRESHOLD", vs::Role::kMovingThreshold)
      .value("TEMPERATURE_LIMIT", vs::Role::kTemperatureLimit)
      .value("MAX_VOLTAGE", vs::Role::kMaxVoltage)
      .value("MIN_VOLTAGE", vs::Role::kMinVoltage)
      .value("PWM_LIMIT", vs::Role::kPwmLimit)
      .value("CURRENT_LIMIT", vs::Role::kCurrentLimit)
      .value("VELOCITY_LIMIT", vs::Role::kVelocityLimit)
      .value("MAX_POSITION", vs::Role::kMaxPosition)
      .value("MIN_POSITION", vs::Role::kMinPosition)
      .value("SHUTDOWN", vs::Role::kShutdown)
      .value("TORQUE_ENABLE", vs::Role::kTorqueEnable)
      .value("STATUS_RETURN_LEVEL", vs::Role::kStatusReturnLevel)
      .value("REGISTERED", vs::Role::kRegistered)
      .value("HARDWARE_ERROR", vs::Role::kHardwareError)
      .value("VELOCITY_I", vs::Role::kVelocityI)
      .value("VELOCITY_P", vs::Role::kVelocityP)
      .value("POSITION_D", vs::Role::kPositionD)
      .value("POSITION_I", vs::Role::kPositionI)
      .value("POSITION_P", vs::Role::kPositionP)
      .value("FEEDFORWARD_2", vs::Role::kFeedforward2)
      .value("FEEDFORWARD_1", vs::Role::kFeedforward1)
      .value("BUS_WATCHDOG", vs::Role::kBusWatchdog)
      .value("GOAL_PWM", vs::Role::kGoalPwm)
      .value("GOAL_CURRENT", vs::Role::kGoalCurrent)
      .value("GOAL_VELOCITY", vs::Role::kGoalVelocity)
      .value("PROFILE_ACCELERATION", vs::Role::kProfileAcceleration)
      .value("PROFILE_VELOCITY", vs::Role::kProfileVelocity)
      .value("GOAL_POSITION", vs::Role::kGoalPosition)
      .value("REALTIME_TICK", vs::Role::kRealtimeTick)
      .value("MOVING", vs::Role::kMoving)
      .value("MOVING_STATUS", vs::Role::kMovingStatus)
      .value("PRESENT_PWM", vs::Role::kPresentPwm)
      .value("PRESENT_CURRENT", vs::Role::kPresentCurrent)
      .value("PRESENT_VELOCITY", vs::Role::kPresentVelocity)
      .value("PRESENT_POSITION", vs::Role::kPresentPosition)
      .value("VELOCITY_TRAJECTORY", vs::Role::kVelocityTrajectory)
      .value("POSITION_TRAJECTORY", vs::Role::kPositionTrajectory)
      .value("PRESENT_VOLTAGE", vs::Role::kPresentVoltage)
      .value("PRESENT_TEMPERATURE", vs::Role::kPresentTemperature)
      .value("PRESENT_LOAD", vs::Role::kPresentLoad)
      .value("TORQUE_LIMIT", vs::Role::kTorqueLimit)
      .value("EEPROM_LOCK", vs::Role::kEepromLock)
      .value("SECONDARY_ID", vs::Role::kSecondaryId)
      .value("GOAL_TIME", vs::Role::kGoalTime)
      .value("MAX_TORQUE", vs::Role::kMaxTorque)
      .value("PROTECTION_CURRENT", vs::Role::kProtectionCurrent)
      .value("INITIAL_POSITION_P", vs::Role::kInitialPositionP)
      .value("INITIAL_POSITION_D", vs::Role::kInitialPositionD)
      .value("INITIAL_POSITION_I", vs::Role::kInitialPositionI)
      .value("STARTUP_CONFIGURATION", vs::Role::kStartupConfiguration)
      .value("BACKUP_READY", vs::Role::kBackupReady)
      .value("INDIRECT_ADDRESS", vs::Role::kIndirectAddress)
      .finalize();
}

vs::RegisterSpec register_spec(std::uint16_t address, std::uint8_t size, bool eeprom, bool writable,
                               std::uint8_t sign, std::int64_t min, std::int64_t max,
                               std::int64_t initial, vs::Role role, const std::vector<int>& allowed,
                               bool big_endian) {
  std::uint32_t mask = 0;
  for (const int value : allowed) {
    if (value < 0 || value > 31) throw py::value_error("values that are listed are 0 to 31");
    mask |= 1U << value;
  }
  const vs::Area area = eeprom ? vs::Area::kEeprom : vs::Area::kRam;
  return {address, size, area, writable, sign, min, max, initial, role, mask, big_endian};
}

std::vector<int> allowed_values(const vs::RegisterSpec& r) {
  std::vector<int> values;
  for (int value = 0; value < 32; ++value) {
    if (r.allowed != 0 && r.allows(value)) values.push_back(value);
  }
  return values;
}

void bind_registers(py::module_& m) {
  const vs::RegisterSpec usual;
  py::class_<vs::RegisterSpec>(m, "RegisterSpec")
      .def(py::init(&register_spec), py::arg("address"), py::arg("size"), py::kw_only(),
           py::arg("eeprom") = false, py::arg("writable") = true, py::arg("sign") = vs::kUnsigned,
           py::arg("min") = usual.min, py::arg("max") = usual.max, py::arg("initial") = 0,
           py::arg("role") = vs::Role::kNone, py::arg("allowed") = std::vector<int>(),
           py::arg("big_endian") = false)
      .def_readonly("address", &vs::RegisterSpec::address)
      .def_readonly("size", &vs::RegisterSpec::size)
      .def_property_readonly("eeprom",
                             [](const vs::RegisterSpec& r) { return r.area == vs::Area::kEeprom; })
      .def_readonly("writable", &vs::RegisterSpec::writable)
      .def_readonly("sign", &vs::RegisterSpec::sign)
      .def_readonly("min", &vs::RegisterSpec::min)
      .def_readonly("max", &vs::RegisterSpec::max)
      .def_readonly("initial", &vs::RegisterSpec::initial)
      .def_readonly("role", &vs::RegisterSpec::role)
      .def_property_readonly("allowed", &allowed_values)
      .def_readonly("big_endian", &vs::RegisterSpec::big_endian);
  m.attr("UNSIGNED") = vs::kUnsigned;
  m.attr("TWOS_COMPLEMENT") = vs::kTwosComplement;
}

void bind_motor_and_gear(py::module_& m) {
  py::class_<vs::HeatFigures>(m, "HeatFigures")
      .def(py::init<>())
      .def_readwrite("winding_resistance", &vs::HeatFigures::winding_resistance)
      .def_readwrite("housing_resistance", &vs::HeatFigures::housing_resistance)
      .def_readwrite("winding_capacity", &vs::HeatFigures::winding_capacity)
      .def_readwrite("housing_capacity", &vs::HeatFigures::housing_capacity)
      .def_readwrite("ambient", &vs::HeatFigures::ambient);
  py::class_<vs::MotorFigures>(m, "MotorFigures")
      .def(py::init<>())
      .def_readwrite("resistance", &vs::MotorFigures::resistance)
      .def_readwrite("torque_constant", &vs::MotorFigures::torque_constant)
      .def_readwrite("back_emf", &vs::MotorFigures::back_emf)
      .def_readwrite("supply_resistance", &vs::MotorFigures::supply_resistance)
      .def_readwrite("standby_current", &vs::MotorFigures::standby_current)
      .def_readwrite("brown_out_voltage", &vs::MotorFigures::brown_out_voltage)
      .def_readwrite("senses_supply", &vs::MotorFigures::senses_supply)
      .def_readwrite("heat", &vs::MotorFigures::heat);
  py::class_<vs::GearFigures>(m, "GearFigures")
      .def(py::init<>())
      .def_readwrite("inertia", &vs::GearFigures::inertia)
      .def_readwrite("coulomb", &vs::GearFigures::coulomb)
      .def_readwrite("viscous", &vs::GearFigures::viscous)
      .def_readwrite("backlash", &vs::GearFigures::backlash)
      .def_readwrite("friction", &vs::GearFigures::friction);
}

}  // namespace

void check(const vs::ServoModel& model) {
  const auto name = [](const vs::RegisterSpec& r) {
    return "register " + std::to_string(r.address);
  };
  for (const vs::RegisterSpec& r : model.registers) {
    if (r.size != 1 && r.size != 2 && r.size != 4) {
      throw py::value_error(name(r) + " has " + std::to_string(r.size) + " bytes; 1, 2 or 4 go");
    }
    if (std::size_t{r.address} + r.size > vs::ControlTable::kSize) {
      throw py::value_error(name(r) + " is beyond the table of " +
                            std::to_string(vs::ControlTable::kSize) + " bytes");
    }
    if (r.min > r.max) throw py::value_error(name(r) + " has its least value above its greatest");
  }
  for (const vs::IndirectBlock& b : model.indirect) {
    if (std::max(b.address + 2 * b.slots, b.data + b.slots) > int{vs::ControlTable::kSize}) {
      throw py::value_error("indirect registers from " + std::to_string(b.address) +
                            " on are beyond the table");
    }
  }
  constexpr double kLatest = 1e-3 * actuator::DelayLine::kMost;  // [s]
  for (const double delay : {model.command_delay, model.sensing_delay}) {
    if (delay >= 0.0 && delay <= kLatest) continue;
    throw py::value_error("a virtual servo may be 0 to " + std::to_string(kLatest) +
                          " s late, not " + std::to_string(delay) + " s");
  }
  if (model.bauds.empty()) throw py::value_error("a servo knows at least one baud rate");
}

void bind_servo_model(py::module_& m) {
  bind_roles(m);
  bind_registers(m);
  bind_motor_and_gear(m);
  using Block = std::tuple<int, int, int>;
  py::native_enum<vs::Controlled>(m, "Controlled", "enum.Enum")
      .value("POSITION", vs::Controlled::kPosition)
      .value("VELOCITY", vs::Controlled::kVelocity)
      .value("PWM", vs::Controlled::kPwm)
      .value("STEP", vs::Controlled::kStep)
      .value("CURRENT", vs::Controlled::kCurrent)
      .finalize();
  py::class_<vs::ServoModel>(m, "VirtualServoModel")
      .def_static("x430", &vs::x430_model)
      .def_static("x330", &vs::x330_model, py::arg("firmware") = 53)
      .def_static("sts3215", &vs::sts3215_model)
      .def_readwrite("registers", &vs::ServoModel::registers)
      .def_property(
          "indirect",
          [](const vs::ServoModel& model) {
            std::vector<Block> blocks;
            for (const auto& b : model.indirect) blocks.emplace_back(b.address, b.data, b.slots);
            return blocks;
          },
          [](vs::ServoModel& model, const std::vector<std::array<std::uint16_t, 3>>& blocks) {
            model.indirect.clear();
            for (const auto& b : blocks) model.indirect.push_back({b[0], b[1], b[2]});
          })
      .def_readwrite("bauds", &vs::ServoModel::bauds)
      .def_readwrite("modes", &vs::ServoModel::modes)
      .def_readwrite("counts_per_turn", &vs::ServoModel::counts_per_turn)
      .def_readwrite("middle", &vs::ServoModel::middle)
      .def_readwrite("pwm_unit", &vs::ServoModel::pwm_unit)
      .def_readwrite("current_unit", &vs::ServoModel::current_unit)
      .def_readwrite("velocity_unit", &vs::ServoModel::velocity_unit)
      .def_readwrite("acceleration_unit", &vs::ServoModel::acceleration_unit)
      .def_readwrite("fast_read_firmware", &vs::ServoModel::fast_read_firmware)
      .def_readwrite("overload_error", &vs::ServoModel::overload_error)
      .def_readwrite("answers_groups", &vs::ServoModel::answers_groups)
      .def_readwrite("stands_at_zero_velocity", &vs::ServoModel::stands_at_zero_velocity)
      .def_readwrite("position_gain", &vs::ServoModel::position_gain)
      .def_readwrite("duty_max", &vs::ServoModel::duty_max)
      .def_readwrite("command_delay", &vs::ServoModel::command_delay)
      .def_readwrite("sensing_delay", &vs::ServoModel::sensing_delay)
      .def_readwrite("resolution", &vs::ServoModel::resolution)
      .def_readwrite("encoder_at_motor", &vs::ServoModel::encoder_at_motor)
      .def_readwrite("motor", &vs::ServoModel::motor)
      .def_readwrite("gear", &vs::ServoModel::gear);
}

}  // namespace handloop::bindings
