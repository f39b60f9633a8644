// From the external torques of a finger's joints to what its fingertip feels.
//
// r = J^T f + error, over the joints that move this finger alone, with J at the fingertip site. The
// error is mostly friction whose direction is not known, different in every joint, so f is the
// weighted and damped least-squares solution (Gauss-Markov with a zero-mean prior on f):
//   f = (J S^-1 J^T + I / prior^2)^-1 J S^-1 r,   S = diag(uncertainty^2).
// The inverse is the covariance of f: a finger touches when it presses with clearly more than that.
// There is no skin, so the contact is taken to be at the site, its normal along the site's z axis,
// and the slip speed is not known: it reads 0.
#pragma once

#include <Eigen/LU>
#include <algorithm>

#include "handloop/momentum_observer.hpp"

namespace handloop {

struct ContactEstimateConfig {
  double torque_uncertainty = 0.002;   // [N m], of an external torque without any friction
  double friction_uncertainty = 0.15;  // part of the dry friction that its model may be wrong by
  double force_prior = 10.0;           // [N], size of the forces to expect
  double touch_on = 0.25;              // [N], normal force from which a finger touches, at least
  double touch_off = 0.12;             // [N], normal force below which it no longer does
  double confidence = 3.0;             // standard deviations that a touch has to stand out by
};

class ContactEstimate {
 public:
  ContactEstimate(const ContactEstimateConfig& config, const HandModel& hand)
      : config_(config), finger_of_joint_(finger_of_joint(hand)) {}

  void reset() { touching_ = {}; }

  // Fills in what each fingertip presses with.
  void update(const HandKinematics& hand, const MomentumObserver& observer,
              PerFinger<FingerContact>& contact) {
    for (int f = 0; f < hand.model().finger_count; ++f) {
      contact[static_cast<std::size_t>(f)] = estimate(f, hand, observer);
    }
  }

 private:
  FingerContact estimate(int f, const HandKinematics& hand, const MomentumObserver& observer) {
    Mat3 information = Mat3::Identity() / (config_.force_prior * config_.force_prior);
    Vec3 weighted = Vec3::Zero();
    for (int i = hand.model().tip[static_cast<std::size_t>(f)].link;
         i >= 0 && finger_of_joint_[static_cast<std::size_t>(i)] == f;
         i = hand.model().link[static_cast<std::size_t>(i)].parent) {
      const Vec3 lever = hand.tip_jacobian(f).col(i);
      const double deviation = uncertainty(i, observer);
      const Vec3 scaled = lever / (deviation * deviation);
      information += scaled * lever.transpose();
      weighted += scaled * observer.external_torque()[i];
    }
    const Mat3 covariance = information.inverse();
    return contact_of(f, hand.tip_rotation(f), -(covariance * weighted), covariance);
  }

  // Dry friction of unknown direction may be anything up to its size.
  double uncertainty(int i, const MomentumObserver& observer) const {
    const double unknown = 1.0 - std::abs(observer.sliding_sign()[i]);
    return config_.torque_uncertainty +
           observer.dry_friction()[i] * (config_.friction_uncertainty + unknown);
  }

  FingerContact contact_of(int f, const Mat3& world_from_tip, const Vec3& pressed,
                           const Mat3& covariance) {
    const Vec3 on_skin = world_from_tip.transpose() * pressed;
    const Vec3 normal = world_from_tip.col(2);
    const double deadband = config_.confidence * std::sqrt(normal.dot(covariance * normal));
    bool& touching = touching_[static_cast<std::size_t>(f)];
    touching = on_skin.z() > (touching ? config_.touch_off : std::max(config_.touch_on, deadband));
    FingerContact out;
    out.touching = touching;
    out.force = {on_skin.z(), on_skin.x(), on_skin.y()};
    return out;
  }

  ContactEstimateConfig config_;
  std::array<int, kMaxJoints> finger_of_joint_;
  PerFinger<bool> touching_{};
};

}  // namespace handloop
