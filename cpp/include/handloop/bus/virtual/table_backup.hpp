// The second copy of its registers that a Dynamixel keeps (e-Manual, "Control Table Backup"): all
// of the EEPROM, and of the RAM gains, profile and indirect addresses.
#pragma once

#include "handloop/bus/virtual/control_table.hpp"

namespace handloop::bus::virtual_servo {

class TableBackup {
 public:
  bool there() const { return !values_.empty(); }

  void store(const ControlTable& table) {
    values_.clear();
    for (const RegisterSpec& r : table.registers()) values_.push_back(table.get(r));
  }
  // Nothing happens where nothing was stored.
  void restore(ControlTable& table, Area area) const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const RegisterSpec& r = table.registers()[i];
      if (r.area == area && has(r)) table.save(r, values_[i]);
    }
  }

 private:
  static bool has(const RegisterSpec& r) {
    constexpr std::array kRam{Role::kVelocityI,       Role::kVelocityP,
                              Role::kPositionD,       Role::kPositionI,
                              Role::kPositionP,       Role::kFeedforward2,
                              Role::kFeedforward1,    Role::kProfileAcceleration,
                              Role::kProfileVelocity, Role::kIndirectAddress};
    return r.writable &&
           (r.area == Area::kEeprom || std::find(kRam.begin(), kRam.end(), r.role) != kRam.end());
  }

  std::vector<std::int64_t> values_;  // of each register in turn
};

}  // namespace handloop::bus::virtual_servo
