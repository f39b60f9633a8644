// The real actuators of a simulated hand, with the sensors in them: what they are told and tell.
#pragma once

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "handloop/actuator/hand_drives.hpp"
#include "handloop/types.hpp"

namespace handloop::actuator {

class SensedDrives : public HandDrives {
 public:
  // How many control periods an actuator's sensors are later than those of the plant.
  struct Late {
    Eigen::Index motor, joint;
    std::uint64_t ticks;

    // What an earlier reading has of it takes the place of the newer.
    void take(const HandState& earlier, HandState& reading) const {
      reading.q[joint] = earlier.q[joint];
      reading.dq[joint] = earlier.dq[joint];
      if (reading.current.size() > motor) reading.current[motor] = earlier.current[motor];
      reading.temperature[motor] = earlier.temperature[motor];
    }
  };

  // `joint`: those of the hand. Throws std::invalid_argument where figures do not fit the model, or
  // a sensor is more than `latest` control periods late.
  SensedDrives(const mjModel& m, const std::vector<int>& joint, const std::vector<int>& actuator,
               const HandFigures& figures, double control_period, int latest)
      : HandDrives(m, actuator, figures), motors_(static_cast<Eigen::Index>(actuator.size())) {
    for (std::size_t k = 0; k < actuator.size(); ++k) {
      const JointDrive* drive = of(k);
      if (!drive) continue;
      sensed_.push_back({k, joint_of(*drive, joint, k)});
      note_delay(drive->figures().sensing_delay / control_period, latest);
    }
  }

  // False for a motor that is ideal.
  bool tell(const mjModel& m, std::size_t motor, double effort) {
    JointDrive* drive = of(motor);
    if (drive) drive->tell(m, effort);
    return drive;
  }
  // False for a joint that none of them turns.
  bool jam(int joint, bool jammed) {
    for (const Sensed& s : sensed_) {
      if (s.joint != joint) continue;
      of(s.motor)->jam(jammed);
      return true;
    }
    return false;
  }

  // What their encoders make of a sample, their currents, if any are reported, and temperatures.
  void sense(HandState& sample) {
    sample.temperature.setConstant(motors_, ambient());
    for (const Sensed& s : sensed_) {
      const JointDrive& drive = *of(s.motor);
      const auto k = static_cast<Eigen::Index>(s.motor);
      sample.q[s.joint] = drive.counted(sample.q[s.joint]);
      sample.dq[s.joint] = drive.seen_speed(sample.dq[s.joint]);
      sample.temperature[k] = drive.winding().housing();
      if (sample.current.size() > k) sample.current[k] = drive.winding().current();
    }
  }

  const std::vector<Late>& late() const { return late_; }

 private:
  struct Sensed {
    std::size_t motor;
    Eigen::Index joint;
  };

  static Eigen::Index joint_of(const JointDrive& drive, const std::vector<int>& joint,
                               std::size_t motor) {
    const auto at = std::find(joint.begin(), joint.end(), drive.joint());
    if (at != joint.end()) return at - joint.begin();
    throw std::invalid_argument("motor " + std::to_string(motor) +
                                " is a real one, but turns no joint of the hand");
  }

  // Of the one sensed last.
  void note_delay(double periods, int latest) {
    const double ticks = std::round(periods);
    if (ticks > latest) {
      throw std::invalid_argument("an actuator reports " + std::to_string(periods) +
                                  " control periods late; with the sensors' delay that must stay "
                                  "below 64");
    }
    const Sensed& s = sensed_.back();
    if (ticks > 0.0) {
      late_.push_back(
          {static_cast<Eigen::Index>(s.motor), s.joint, static_cast<std::uint64_t>(ticks)});
    }
  }

  Eigen::Index motors_;
  std::vector<Sensed> sensed_;
  std::vector<Late> late_;
};

}  // namespace handloop::actuator
