// What a servo watches in itself: voltage, temperature and overload, and the host's silence.
// (e-Manual, "Shutdown", "Hardware Error Status", "Bus Watchdog"; Feetech's alarms have the same
// bits.)
#pragma once

#include <cmath>
#include <cstdint>

#include "handloop/bus/virtual/control_table.hpp"

namespace handloop::bus::virtual_servo {

enum HardwareError : std::uint8_t {
  kInputVoltage = 0x01,
  kOverheating = 0x04,
  kOverload = 0x20,
};

class ServoGuard {
 public:
  ServoGuard(double overload_time, std::uint8_t overload_error)
      : overload_time_(overload_time), overload_error_(overload_error) {}

  void reset() { overloaded_ = 0.0; }

  // The errors of one step. Full output that does not move the shaft is an overload after a while.
  std::int64_t check(const ControlTable& t, double dt, double voltage, double celsius, double duty,
                     double velocity) {
    std::int64_t errors = 0;
    const double tenths = 10.0 * voltage;
    if (tenths < static_cast<double>(t.get(Role::kMinVoltage)) ||
        tenths > static_cast<double>(t.get(Role::kMaxVoltage))) {
      errors |= kInputVoltage;
    }
    if (celsius > static_cast<double>(t.get(Role::kTemperatureLimit))) errors |= kOverheating;
    const bool stalled = std::abs(duty) > kFullOutput && std::abs(velocity) < kStandstill;
    overloaded_ = stalled ? overloaded_ + dt : 0.0;
    if (overloaded_ > overload_time_) errors |= overload_error_;
    return errors;
  }

 private:
  static constexpr double kFullOutput = 0.9;   // [1], duty
  static constexpr double kStandstill = 0.15;  // [counts/ms]

  double overload_time_, overloaded_ = 0.0;  // [s]
  std::uint8_t overload_error_;
};

// Runs while torque is on and is fed by every instruction on the bus.
class BusWatchdog {
 public:
  void feed(std::int64_t now) { fed_ = now; }
  bool expired(std::int64_t setting, std::int64_t now) const {
    return setting > 0 && now - fed_ > setting * kUnit;
  }

 private:
  static constexpr std::int64_t kUnit = 20'000'000;  // [ns]
  std::int64_t fed_ = 0;
};

}  // namespace handloop::bus::virtual_servo
