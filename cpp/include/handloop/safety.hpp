// The last word before torque leaves the controller.
//
//   OK -> DEGRADED -> HOLD -> LIMP -> STOPPED
//
// DEGRADED bridges a short gap on the last good sample and can recover. HOLD keeps posture and grip
// as they were and stays until reset. LIMP is zero torque. STOPPED is LIMP on request. The first
// reason that left OK or DEGRADED is latched.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "handloop/types.hpp"

namespace handloop {

enum class SafetyState : std::uint8_t { kOk, kDegraded, kHold, kLimp, kStopped };

enum class Fault : std::uint8_t {
  kNone,
  kNotANumber,        // a joint or contact reading is missing, NaN or infinite
  kStale,             // the newest sample is too old
  kJointLimit,        // a joint is beyond its range
  kOverSpeed,         // a joint moves faster than allowed
  kTorqueNotANumber,  // the law produced NaN or infinity
  kStopRequested,
};

struct SafetyConfig {
  JointVector position_min, position_max;  // [rad]
  JointVector torque_max;                  // [N m], > 0
  double velocity_max = 60.0;              // [rad/s]
  double position_margin = 0.1;            // [rad] beyond the range before it is a fault
  double stale_after = 0.02;               // [s], age from which a sample is stale
  double hold_after = 0.005;               // [s] without a good sample before HOLD
  double limp_after = 0.1;                 // [s] without a good sample before LIMP
};

class Safety {
 public:
  explicit Safety(const SafetyConfig& config) : config_(config) {}

  void reset() {
    state_ = SafetyState::kOk;
    fault_ = Fault::kNone;
    joint_ = -1;
    have_good_sample_ = false;
    last_fast_ = -std::numeric_limits<double>::infinity();
  }

  SafetyState state() const { return state_; }
  Fault fault() const { return fault_; }
  int joint() const { return joint_; }  // the joint that the fault names, -1 if none

  void request_stop() { raise(SafetyState::kStopped, Fault::kStopRequested, -1); }

  // Judges a sample. True: it may be used. False: the caller goes on with its last good one, if the
  // state still allows torque.
  bool inspect(const HandState& sample, double now) {
    int joint = -1;
    const Fault fault = examine(sample, now, joint);
    if (fault == Fault::kNone || fault == Fault::kJointLimit || fault == Fault::kOverSpeed) {
      // The reading itself is sound; what it says may not be.
      last_good_ = now;
      have_good_sample_ = true;
      if (fault == Fault::kOverSpeed) {
        raise(runs_away(now) ? SafetyState::kLimp : SafetyState::kHold, fault, joint);
      } else if (fault == Fault::kJointLimit) {
        raise(SafetyState::kHold, fault, joint);
      } else if (state_ == SafetyState::kDegraded) {
        recover();
      }
      return true;
    }
    const double gap = have_good_sample_ ? now - last_good_ : config_.limp_after;
    // A gap that is no number, for want of a clock, counts as a long one.
    raise(!(gap < config_.limp_after)   ? SafetyState::kLimp
          : !(gap < config_.hold_after) ? SafetyState::kHold
                                        : SafetyState::kDegraded,
          fault, joint);
    return false;
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

 private:
  // Leaves in `joint` the one at fault, if it is that of one joint.
  Fault examine(const HandState& sample, double now, int& joint) const {
    if (!finite(sample)) return Fault::kNotANumber;
    // From the future is as wrong as from the past: one of the clocks cannot be trusted.
    if (!(std::abs(now - sample.time) <= config_.stale_after)) return Fault::kStale;
    // Speed first: a joint that runs away must not hide behind one that is out of its range.
    for (joint = 0; joint < sample.dq.size(); ++joint) {
      if (std::abs(sample.dq[joint]) > config_.velocity_max) return Fault::kOverSpeed;
    }
    for (joint = 0; joint < sample.q.size(); ++joint) {
      if (sample.q[joint] < config_.position_min[joint] - config_.position_margin ||
          sample.q[joint] > config_.position_max[joint] + config_.position_margin) {
        return Fault::kJointLimit;
      }
    }
    joint = -1;
    return Fault::kNone;
  }

  // Holding does not help a joint that is too fast again and again for `limp_after`.
  bool runs_away(double now) {
    if (!(now - last_fast_ <= config_.limp_after)) fast_since_ = now;
    last_fast_ = now;
    return now - fast_since_ >= config_.limp_after;
  }

  bool finite(const HandState& sample) const {
    const Eigen::Index joints = config_.position_min.size();
    bool ok = sample.q.size() == joints && sample.dq.size() == joints;
    ok = ok && std::isfinite(sample.time) && sample.q.allFinite() && sample.dq.allFinite();
    for (const FingerContact& c : sample.contact) {
      ok = ok && c.force.allFinite() && c.position.allFinite() && c.normal.allFinite() &&
           c.tangent.allFinite() && std::isfinite(c.slip_speed);
    }
    return ok;
  }

  // States only ever get worse; the reason that left DEGRADED is kept.
  void raise(SafetyState to, Fault why, int joint) {
    if (to <= state_) return;
    if (state_ <= SafetyState::kDegraded) {
      fault_ = why;
      joint_ = joint;
    }
    state_ = to;
  }

  void recover() {
    state_ = SafetyState::kOk;
    fault_ = Fault::kNone;
    joint_ = -1;
  }

  SafetyConfig config_;
  SafetyState state_ = SafetyState::kOk;
  Fault fault_ = Fault::kNone;
  int joint_ = -1;
  bool have_good_sample_ = false;
  double last_good_ = 0.0;                                       // [s]
  double fast_since_ = 0.0;                                      // [s], of a spell of over-speed
  double last_fast_ = -std::numeric_limits<double>::infinity();  // [s], within that spell
};

}  // namespace handloop
