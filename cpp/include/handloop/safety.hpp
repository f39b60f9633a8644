// The last word before torque leaves the controller.
//
//   OK -> DEGRADED -> HOLD -> LIMP -> STOPPED
//
// DEGRADED bridges a short gap on the last good sample, or goes on without damping on a late one,
// and can recover. HOLD keeps posture and grip as they were and stays until reset. LIMP is zero
// torque. STOPPED is LIMP on request. The first reason that left OK or DEGRADED is latched.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "handloop/frozen_sensor.hpp"
#include "handloop/types.hpp"

namespace handloop {

enum class SafetyState : std::uint8_t { kOk, kDegraded, kHold, kLimp, kStopped };

enum class Fault : std::uint8_t {
  kNone,
  kNotANumber,        // a joint or contact reading is missing, NaN or infinite
  kStale,             // the newest sample is too old, or too late to damp on
  kJointLimit,        // a joint is beyond its range
  kOverSpeed,         // a joint moves faster than allowed
  kTorqueNotANumber,  // the law produced NaN or infinity
  kStopRequested,
  kPositionJump,      // a joint is where it cannot have got to since the last sample
  kFrozenSensor,      // a reading stands still to the last bit while its joint or finger is driven
  kOverForce,         // a fingertip presses harder than anything in the hand's grasp should bear
  kOverTemperature,   // a motor is too hot
  kLawTooLong,        // a tick took more time than it has
  kEmergencyStop,     // the button
  kEffortNotANumber,  // the transmission made NaN or infinity of torques or velocities
  kOverCurrent,       // a motor draws more than it can have been told to
};

struct SafetyConfig {
  JointVector position_min, position_max;  // [rad]
  JointVector torque_max;                  // [N m], > 0
  double velocity_max = 60.0;              // [rad/s]
  double position_margin = 0.1;            // [rad] beyond the range before it is a fault
  double position_jump = 0.1;       // [rad] beyond what velocity_max allows from sample to sample
  double contact_force_max = 60.0;  // [N], of one fingertip
  double temperature_max = 75.0;    // [deg C], of a motor's housing: HOLD
  double temperature_limp = 85.0;   // [deg C]: LIMP
  double stale_after = 0.02;        // [s], age from which a sample is stale
  // [s] without a good sample, or over force, before HOLD; also the age up to which a velocity
  // damps
  double hold_after = 0.005;
  double limp_after = 0.1;         // [s] without a good sample before LIMP
  double frozen_after = 0.05;      // [s] that a reading may stand still while driven
  double frozen_torque = 0.3;      // of torque_max, change of a joint's torque that is driving it
  double frozen_force = 2.0;       // [N], change of the wanted force that is driving a finger
  int overruns_max = 3;            // ticks in a row that may take too long
  ActuatorVector current_max;      // [A], that a motor may be measured to draw; empty: any
  double over_current_hold = 0.2;  // [s] beyond it before HOLD
  double over_current_limp = 0.5;  // [s] beyond it before LIMP
};

class Safety {
 public:
  Safety(const SafetyConfig& config, double period)
      : config_(config),
        fast_(std::max(config.limp_after, kTicksOfAGap * period)),
        forced_(std::max(config.hold_after, kTicksOfAGap * period)),
        drained_(std::max(config.hold_after, kTicksOfAGap * period)) {}

  void reset() {
    state_ = SafetyState::kOk;
    fault_ = Fault::kNone;
    index_ = -1;
    have_good_sample_ = false;
    fast_.end();
    forced_.end();
    drained_.end();
    overruns_ = 0;
    for (auto& joint : frozen_joint_) joint.reset();
    for (auto& finger : frozen_finger_) finger.reset();
  }

  SafetyState state() const { return state_; }
  Fault fault() const { return fault_; }
  int index() const { return index_; }  // the joint, finger or motor that the fault names, or -1

  void request_stop() { raise(SafetyState::kStopped, Fault::kStopRequested, -1); }

  // Judges a sample. True: it may be used. False: the caller goes on with its last good one, if the
  // state still allows torque.
  bool inspect(const HandState& sample, double now) {
    if (sample.emergency_stop) raise(SafetyState::kStopped, Fault::kEmergencyStop, -1);
    int index = -1;
    const Fault unreadable = distrust(sample, now, index);
    if (unreadable == Fault::kNone) {
      judge(sample, now);
      good_position_ = sample.q;
      last_good_ = now;
      have_good_sample_ = true;
      return true;
    }
    const double gap = have_good_sample_ ? now - last_good_ : config_.limp_after;
    // A gap that is no number, for want of a clock, counts as a long one.
    raise(!(gap < config_.limp_after)   ? SafetyState::kLimp
          : !(gap < config_.hold_after) ? SafetyState::kHold
                                        : SafetyState::kDegraded,
          unreadable, index);
    return false;
  }

  // Compares a usable sample with what the last ticks asked for: torques [N m] and, per finger, a
  // normal force [N].
  void watch_for_frozen_sensors(const HandState& sample, const JointVector& torque,
                                const PerFinger<double>& wanted_force, double now) {
    for (Eigen::Index i = 0; i < torque.size(); ++i) {
      const double moved = frozen_joint_[index_of(i)].demand_unanswered(
          {sample.q[i], sample.dq[i]}, torque[i], now, config_.frozen_after);
      // At the end of its range a joint is driven in vain.
      if (moved > config_.frozen_torque * config_.torque_max[i] && within_range(sample, i)) {
        raise(SafetyState::kHold, Fault::kFrozenSensor, static_cast<int>(i));
      }
    }
    for (std::size_t f = 0; f < kMaxFingers; ++f) {
      const double moved = frozen_finger_[f].demand_unanswered(
          sample.contact[f].force, wanted_force[f], now, config_.frozen_after);
      if (moved > config_.frozen_force && sample.contact[f].touching) {
        raise(SafetyState::kHold, Fault::kFrozenSensor, static_cast<int>(f));
      }
    }
  }

  // Of each tick, by whoever has a clock: whether it took longer than it may.
  void report_duration(bool too_long) {
    overruns_ = too_long ? overruns_ + 1 : 0;
    if (overruns_ > config_.overruns_max) raise(SafetyState::kHold, Fault::kLawTooLong, -1);
  }

  // What a model says of a winding that nobody can measure, [deg C].
  void report_winding(int motor, double temperature, double limit) {
    if (temperature > limit) raise(SafetyState::kHold, Fault::kOverTemperature, motor);
  }

  // Also of contacts that are told from the motors once the sample is judged. An impact is short;
  // what stays is a hand that crushes, or that is crushed.
  bool judge_forces(const PerFinger<FingerContact>& contacts, double now) {
    for (std::size_t f = 0; f < kMaxFingers; ++f) {
      const FingerContact& contact = contacts[f];
      if (!contact.touching || contact.force.norm() <= config_.contact_force_max) continue;
      const double duration = forced_.goes_on(now);
      if (duration < config_.hold_after) return true;
      raise(duration < config_.limp_after ? SafetyState::kHold : SafetyState::kLimp,
            Fault::kOverForce, static_cast<int>(f));
      return false;
    }
    return true;
  }

  // An old velocity does not damp, it throws: the joint has long changed its own.
  bool damps(const HandState& sample, double now) const {
    return now - sample.time <= config_.hold_after;
  }

  bool torque_allowed() const { return state_ < SafetyState::kLimp; }

  // Clamps in place; a torque that is no number ends in LIMP.
  void limit(JointVector& torque) {
    if (!torque.allFinite()) raise(SafetyState::kLimp, Fault::kTorqueNotANumber, -1);
    if (!torque_allowed()) {
      torque.setZero();
      return;
    }
    torque = torque.cwiseMin(config_.torque_max).cwiseMax(-config_.torque_max);
  }

  // What the transmission made of torques, [N m] or [N], and of joint velocities.
  void judge_motors(const ActuatorVector& effort, const ActuatorVector& speed) {
    // One that is no number leaves no number as the sum.
    if (std::isfinite(effort.sum() + speed.sum())) return;
    raise(SafetyState::kLimp, Fault::kEffortNotANumber, -1);
  }

 private:
  // Ticks that a spell may pause for, so that a slow one does not end it by its length.
  static constexpr double kTicksOfAGap = 2.0;

  // Something that happens again and again, with gaps of up to `gap` [s].
  class Spell {
   public:
    explicit Spell(double gap) : gap_(gap) {}

    void end() { last_ = -std::numeric_limits<double>::infinity(); }

    // How long it has gone on, when it happens now.
    double goes_on(double now) {
      if (!(now - last_ <= gap_)) since_ = now;
      last_ = now;
      return now - since_;
    }

   private:
    double gap_, since_ = 0.0, last_ = -std::numeric_limits<double>::infinity();  // [s]
  };

  static std::size_t index_of(Eigen::Index i) { return static_cast<std::size_t>(i); }

  // Why a sample cannot be believed. Leaves in `joint` the one at fault, if it is that of one
  // joint.
  Fault distrust(const HandState& sample, double now, int& joint) {
    if (!finite(sample)) return Fault::kNotANumber;
    // From the future is as wrong as from the past: one of the clocks cannot be trusted.
    if (!(std::abs(now - sample.time) <= config_.stale_after)) return Fault::kStale;
    // Since the last reading, not since the last good one: what jumped and stays where it is now
    // does not become more likely with time.
    const double reach = config_.velocity_max * (now - last_read_) + config_.position_jump;
    last_read_ = now;
    if (!have_good_sample_) return Fault::kNone;
    for (joint = 0; joint < sample.q.size(); ++joint) {
      if (!(std::abs(sample.q[joint] - good_position_[joint]) <= reach)) {
        return Fault::kPositionJump;
      }
    }
    joint = -1;
    return Fault::kNone;
  }

  // The reading is sound; what it says may not be.
  void judge(const HandState& sample, double now) {
    const bool sound = judge_motion(sample, now) & judge_forces(sample.contact, now) &
                       judge_heat(sample) & judge_current(sample, now) & judge_age(sample, now);
    if (sound && state_ == SafetyState::kDegraded) recover();
  }

  bool judge_motion(const HandState& sample, double now) {
    // Speed first: a joint that runs away must not hide behind one that is out of its range.
    for (Eigen::Index i = 0; i < sample.dq.size(); ++i) {
      if (std::abs(sample.dq[i]) <= config_.velocity_max) continue;
      // Holding does not help a joint that is too fast again and again for `limp_after`.
      const bool runs_away = fast_.goes_on(now) >= config_.limp_after;
      raise(runs_away ? SafetyState::kLimp : SafetyState::kHold, Fault::kOverSpeed,
            static_cast<int>(i));
      return false;
    }
    for (Eigen::Index i = 0; i < sample.q.size(); ++i) {
      if (sample.q[i] >= config_.position_min[i] - config_.position_margin &&
          sample.q[i] <= config_.position_max[i] + config_.position_margin) {
        continue;
      }
      raise(SafetyState::kHold, Fault::kJointLimit, static_cast<int>(i));
      return false;
    }
    return true;
  }

  // Good for where things are, too late to damp on: that has to show.
  bool judge_age(const HandState& sample, double now) {
    if (damps(sample, now)) return true;
    raise(SafetyState::kDegraded, Fault::kStale, -1);
    return false;
  }

  bool judge_heat(const HandState& sample) {
    for (Eigen::Index i = 0; i < sample.temperature.size(); ++i) {
      if (sample.temperature[i] <= config_.temperature_max) continue;
      raise(sample.temperature[i] > config_.temperature_limp ? SafetyState::kLimp
                                                             : SafetyState::kHold,
            Fault::kOverTemperature, static_cast<int>(i));
      return false;
    }
    return true;
  }

  // A short one is the motor's own affair: its drive limits it.
  bool judge_current(const HandState& sample, double now) {
    const Eigen::Index judged = std::min(sample.current.size(), config_.current_max.size());
    for (Eigen::Index i = 0; i < judged; ++i) {
      if (std::abs(sample.current[i]) <= config_.current_max[i]) continue;
      const double duration = drained_.goes_on(now);
      if (duration < config_.over_current_hold) return true;
      raise(duration < config_.over_current_limp ? SafetyState::kHold : SafetyState::kLimp,
            Fault::kOverCurrent, static_cast<int>(i));
      return false;
    }
    return true;
  }

  bool within_range(const HandState& sample, Eigen::Index i) const {
    return sample.q[i] > config_.position_min[i] && sample.q[i] < config_.position_max[i];
  }

  bool finite(const HandState& sample) const {
    const Eigen::Index joints = config_.position_min.size();
    bool ok = sample.q.size() == joints && sample.dq.size() == joints;
    ok = ok && std::isfinite(sample.time) &&
         all_finite(sample.q, sample.dq, sample.current, sample.temperature);
    for (const FingerContact& c : sample.contact) {
      ok =
          ok && all_finite(c.force, c.position, c.normal, c.tangent) && std::isfinite(c.slip_speed);
    }
    return ok;
  }

  // States only ever get worse; the reason that left DEGRADED is kept.
  void raise(SafetyState to, Fault why, int index) {
    if (to <= state_) return;
    if (state_ <= SafetyState::kDegraded) {
      fault_ = why;
      index_ = index;
    }
    state_ = to;
  }

  void recover() {
    state_ = SafetyState::kOk;
    fault_ = Fault::kNone;
    index_ = -1;
  }

  SafetyConfig config_;
  SafetyState state_ = SafetyState::kOk;
  Fault fault_ = Fault::kNone;
  int index_ = -1;
  bool have_good_sample_ = false;
  double last_good_ = 0.0;     // [s]
  double last_read_ = 0.0;     // [s], good or not, but readable
  JointVector good_position_;  // [rad], of the last good sample
  Spell fast_, forced_, drained_;
  int overruns_ = 0;
  std::array<FrozenReading<2>, kMaxJoints> frozen_joint_{};
  PerFinger<FrozenReading<3>> frozen_finger_{};
};

}  // namespace handloop
