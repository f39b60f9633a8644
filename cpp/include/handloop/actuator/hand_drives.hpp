// The real actuators of a simulated hand, and the supplies they share.
//
// A rail sags under what its actuators drew in the last step, averaged over two, so that many of
// them on a thin cable do not make it ring.
#pragma once

#include <mujoco/mujoco.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/actuator/joint_drive.hpp"
#include "handloop/motor.hpp"

namespace handloop::actuator {

// One entry per motor of a hand, none for one that is ideal; empty where all are.
struct HandFigures {
  std::vector<std::optional<Figures>> actuator;
  std::array<Rail, kMaxRails> rail{};
  double ambient = kCatalogueCelsius;  // [deg C]

  bool any() const {
    for (const auto& figures : actuator) {
      if (figures) return true;
    }
    return false;
  }
};

class HandDrives {
 public:
  // Throws std::invalid_argument where figures do not fit the model.
  HandDrives(const mjModel& m, const std::vector<int>& actuator, const HandFigures& figures)
      : rail_(figures.rail), ambient_(figures.ambient), of_dof_(index(m.nv), -1) {
    if (figures.actuator.size() != actuator.size()) {
      throw std::invalid_argument(
          "there are figures of " + std::to_string(figures.actuator.size()) + " actuators for " +
          std::to_string(actuator.size()) + " motors; give one or none each");
    }
    of_motor_.assign(actuator.size(), -1);
    for (std::size_t k = 0; k < actuator.size(); ++k) {
      if (figures.actuator[k]) add(m, actuator[k], *figures.actuator[k], k);
    }
    row_.assign(drive_.size(), 0.0);
  }

  void start(mjModel& m, mjData& d) {
    for (JointDrive& drive : drive_) drive.start(m, d);
    power_.fill(0.0);
  }
  void finish(mjModel& m) const {
    for (const JointDrive& drive : drive_) drive.finish(m);
  }

  // Null for a motor that is ideal.
  JointDrive* of(std::size_t motor) {
    const int k = of_motor_[motor];
    return k < 0 ? nullptr : &drive_[index(k)];
  }
  double ambient() const { return ambient_; }

  // `shared`: somebody else has set the torques applied to the joints in this step.
  void before_step(mjModel& m, mjData& d, bool shared) {
    read_rows(d);
    sag();
    for (std::size_t k = 0; k < drive_.size(); ++k) {
      JointDrive& drive = drive_[k];
      const double torque = drive.before_step(m, d, row_[k], supply(drive));
      mjtNum& applied = d.qfrc_applied[drive.dof()];
      applied = shared ? applied + torque : torque;
    }
  }

  // [V], of a rail under what it carries; 0 for one that is no limit.
  double rail_voltage(int r) const { return rail_[index(r)].under(power_[index(r)]); }

 private:
  template <typename T>
  static constexpr std::size_t index(T i) {
    return static_cast<std::size_t>(i);
  }

  void add(const mjModel& m, int actuator, const Figures& figures, std::size_t motor) {
    if (figures.rail < 0 || figures.rail >= kMaxRails) {
      throw std::invalid_argument("an actuator hangs on rail 0 to " +
                                  std::to_string(kMaxRails - 1) + ", not " +
                                  std::to_string(figures.rail));
    }
    of_motor_[motor] = static_cast<int>(drive_.size());
    drive_.emplace_back(m, actuator, figures, ambient_);
    of_dof_[index(drive_.back().dof())] = of_motor_[motor];
  }

  // What the solver's dry friction did in the step that was.
  void read_rows(const mjData& d) {
    std::fill(row_.begin(), row_.end(), 0.0);
    for (int i = d.ne; i < d.ne + d.nf; ++i) {
      if (d.efc_type[i] != mjCNSTR_FRICTION_DOF) continue;
      const int k = of_dof_[index(d.efc_id[i])];
      if (k >= 0) row_[index(k)] = d.efc_force[i];
    }
  }

  void sag() {
    std::array<double, kMaxRails> drawn{};
    for (const JointDrive& drive : drive_) {
      drawn[index(drive.figures().rail)] += drive.winding().power();
    }
    for (std::size_t r = 0; r < drawn.size(); ++r) power_[r] += 0.5 * (drawn[r] - power_[r]);
  }

  // [V], at an actuator's bridge.
  double supply(const JointDrive& drive) const {
    const Figures& f = drive.figures();
    const double rail = rail_[index(f.rail)].known() ? rail_voltage(f.rail) : f.voltage;
    return Rail{rail, f.supply_resistance, 0.0}.under(drive.winding().power());
  }

  std::array<Rail, kMaxRails> rail_;
  std::array<double, kMaxRails> power_{};
  double ambient_;
  std::vector<int> of_dof_, of_motor_;
  std::vector<JointDrive> drive_;
  std::vector<double> row_;
};

}  // namespace handloop::actuator
