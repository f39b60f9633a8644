// Where the joints should be: along a trajectory in free air, where they are once a finger touches.
//
// A finger that touches leaves the trajectory and is gripping: its joints hold the posture in which
// it met the object, and the force stage presses on top of that. As long as the grasp settles, the
// held posture yields to the real one, so that the fingers stop pulling against each other sideways
// before the load comes.
#pragma once

#include <memory>
#include <utility>

#include "handloop/force_feedback.hpp"
#include "handloop/guidance.hpp"
#include "handloop/posture_stream.hpp"
#include "handloop/recorded_trajectory.hpp"
#include "handloop/trajectory.hpp"

namespace handloop {

struct PostureTaskConfig {
  int thumb = 0;                   // index of the opposing finger
  double settle_time = 0.3;        // [s] from the first opposition of the thumb to the fingers
  double yield_time = 0.03;        // [s], time constant of yielding while settling
  double balance_rate = 60.0;      // [1/s], yielding of a finger per relative excess of its load
  double balance_deadband = 0.02;  // relative excess that is left alone
  // For fingers that play and dry friction part from what they hold:
  double release_time = 0.0;  // [s] without touch, after which a finger no longer grips
  double onset_time = 0.0;    // [s], in which a finger that has touched comes to press
};

class PostureTask {
 public:
  PostureTask(const PostureTaskConfig& config, const HandModel& hand, double period)
      : config_(config),
        finger_count_(hand.finger_count),
        period_(period),
        yield_(period / (config.yield_time + period)),
        finger_of_joint_(finger_of_joint(hand)) {}

  void set_trajectory(const JointTrajectory& trajectory) {
    trajectory_ = trajectory;
    recording_.reset();
    stream_.follow(nullptr);
  }
  // Instead of a trajectory, as the next.
  void set_recording(std::shared_ptr<const RecordedTrajectory> recording) {
    recording_ = std::move(recording);
    stream_.follow(nullptr);
  }
  void set_stream(std::shared_ptr<const PostureStream> stream) {
    stream_.follow(std::move(stream));
  }

  void reset() {
    gripping_.fill(false);
    untouched_.fill(0.0);
    gripped_.fill(0.0);
    held_time_ = 0.0;
    started_ = led_ = false;
    stream_.reset();
  }

  void update(const PerFinger<FingerForce>& finger, const JointVector& q, double now) {
    if (!started_) reference_ = target_ = q;
    started_ = true;
    const bool aimed = aim(now);
    for (int f = 0; f < finger_count_; ++f) follow_touch(f, finger[index(f)].touching, q);
    held_time_ = holding() ? held_time_ + period_ : 0.0;
    const PerFinger<double> yield = settled() ? yield_to_balance(finger) : yield_to_settle();
    for (int i = 0; i < q.size(); ++i) {
      const int f = finger_of_joint_[index(i)];
      if (f >= 0 && gripping_[index(f)]) {
        reference_[i] += yield[index(f)] * (q[i] - reference_[i]);
      } else if (aimed) {
        reference_[i] = target_[i];
      }
    }
  }

  // Stays where it is from now on, whatever anybody says.
  void freeze(const JointVector& q) {
    reference_ = q;
    led_ = false;
  }
  // Holds the joints where the guidance wants them rather than where the task has them.
  void follow(const Guidance& guidance) {
    guidance.lead(reference_, guided_);
    led_ = true;
  }

  const JointVector& reference() const { return led_ ? guided_ : reference_; }
  bool gripping(int finger) const { return gripping_[index(finger)]; }
  // It grips, but has lost touch of late.
  bool reaching(int finger) const { return gripping(finger) && untouched_[index(finger)] > 0.0; }
  // Part of its force that a finger is to press with by now.
  double onset(int finger) const {
    const double since = gripped_[index(finger)];
    return since < config_.onset_time ? since / config_.onset_time : 1.0;
  }
  // The thumb grips, and at least one finger against it.
  bool holding() const {
    bool opposed = false;
    for (int f = 0; f < finger_count_; ++f) opposed |= f != config_.thumb && gripping_[index(f)];
    return opposed && gripping_[index(config_.thumb)];
  }
  bool settled() const { return held_time_ >= config_.settle_time; }

 private:
  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }

  // Where the joints should be now; false if nobody says so.
  bool aim(double now) {
    if (stream_.follows()) {
      stream_.move(now, target_);
    } else if (recording_) {
      recording_->sample(now, target_);
    } else if (!trajectory_.empty()) {
      trajectory_.sample(now, target_);
    } else {
      return false;
    }
    return true;
  }

  void follow_touch(int f, bool touching, const JointVector& q) {
    bool& gripping = gripping_[index(f)];
    double& untouched = untouched_[index(f)];
    untouched = touching ? 0.0 : untouched + period_;
    gripped_[index(f)] = gripping ? gripped_[index(f)] + period_ : 0.0;
    const bool grips = touching || (gripping && untouched < config_.release_time);
    if (grips == gripping) return;
    gripping = grips;
    for (int i = 0; i < q.size(); ++i) {
      if (finger_of_joint_[index(i)] == f) reference_[i] = q[i];
    }
  }

  PerFinger<double> yield_to_settle() const {
    PerFinger<double> yield;
    yield.fill(yield_);
    return yield;
  }

  // Part of the way to the real posture that each finger's reference goes in this tick.
  PerFinger<double> yield_to_balance(const PerFinger<FingerForce>& finger) const {
    double tangential = 0.0, normal = 0.0;
    for (int f = 0; f < finger_count_; ++f) {
      tangential += finger[index(f)].tangential;
      normal += finger[index(f)].normal;
    }
    PerFinger<double> yield{};
    for (int f = 0; f < finger_count_; ++f) {
      const double fair = tangential * finger[index(f)].normal / normal;
      const double excess = finger[index(f)].tangential / fair - 1.0 - config_.balance_deadband;
      if (excess > 0.0) yield[index(f)] = config_.balance_rate * period_ * std::min(excess, 1.0);
    }
    return yield;
  }

  PostureTaskConfig config_;
  int finger_count_;
  double period_, yield_;
  const std::array<int, kMaxJoints> finger_of_joint_;
  JointTrajectory trajectory_;
  std::shared_ptr<const RecordedTrajectory> recording_;
  StreamFollower stream_;
  JointVector reference_, target_, guided_;
  PerFinger<bool> gripping_{};
  PerFinger<double> untouched_{}, gripped_{};  // [s], for how long
  double held_time_ = 0.0;
  bool started_ = false, led_ = false;
};

}  // namespace handloop
