// Which tensions give the wanted joint torques.
//
// Tendons only pull, so several of them share each joint, and many tensions T give the same torque
// tau = P T. Wanted are those nearest to the rest tension T0, within bounds:
//   min 1/2 |T - T0|^2   with   P T = tau,   T_min <= T <= T_max
// This is the problem of Abdallah, Platt and Wampler 2013 (Robonaut 2), solved exactly here: the
// optimum is T = clip(T0 + P^T y), and the multipliers y solve P clip(T0 + P^T y) = tau, whose left
// side is the gradient of a convex, piecewise quadratic function. A semismooth Newton method (Qi
// and Sun 1993) with an exact line search finds them in a few steps, since each step is exact as
// long as no tendon reaches or leaves a bound. A relaxation eps y, far below any torque that
// matters, makes the answer the nearest torque where the wanted one is out of reach.
#pragma once

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

#include "handloop/types.hpp"

namespace handloop {

// Joint torque per effort of each motor, joints x motors: for a tendon, minus its moment arms [m].
using PullMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor,
                                 kMaxJoints, kMaxActuators>;

struct EffortBounds {
  ActuatorVector min, rest, max;  // [N] of tendons, [N m] of motors
};

class TensionSolver {
 public:
  TensionSolver(const EffortBounds& bounds, Eigen::Index joint_count)
      : bounds_(bounds), effort_(bounds.rest), multiplier_(JointVector::Zero(joint_count)) {}

  void reset() { multiplier_.setZero(); }

  // Begins where the last solution was. Deterministic; at most kMaxSteps factorisations.
  const ActuatorVector& solve(const PullMatrix& pull, const JointVector& torque) {
    // After an unreachable torque the multipliers are so large that nothing is a better start.
    if (!reached_) multiplier_.setZero();
    relaxation_ = kRelaxation * pull.squaredNorm() / static_cast<double>(pull.rows());
    steps_ = 0;
    while (!settled(pull, torque) && steps_ < kMaxSteps) {
      step(pull, torque);
      ++steps_;
    }
    reached_ = (torque - pull * effort_).cwiseAbs().maxCoeff() <= kReached;
    return effort_;
  }

  const ActuatorVector& effort() const { return effort_; }
  bool reached() const { return reached_; }  // the efforts give the wanted torque
  int steps() const { return steps_; }

 private:
  static constexpr int kMaxSteps = 40;
  static constexpr double kRelaxation = 1e-7;
  static constexpr double kSettled = 1e-8;  // [N m]
  static constexpr double kReached = 1e-4;  // [N m]

  // Efforts and residual at the present multipliers.
  bool settled(const PullMatrix& pull, const JointVector& torque) {
    free_effort_ = bounds_.rest;
    free_effort_.noalias() += pull.transpose() * multiplier_;
    effort_ = clipped(free_effort_);
    residual_ = torque - relaxation_ * multiplier_;
    residual_.noalias() -= pull * effort_;
    return residual_.cwiseAbs().maxCoeff() <= kSettled;
  }

  ActuatorVector clipped(const ActuatorVector& effort) const {
    return effort.cwiseMax(bounds_.min).cwiseMin(bounds_.max);
  }

  void step(const PullMatrix& pull, const JointVector& torque) {
    JointMatrix curvature = relaxation_ * JointMatrix::Identity(pull.rows(), pull.rows());
    for (Eigen::Index i = 0; i < pull.cols(); ++i) {
      if (is_free(i, free_effort_[i])) {
        curvature.noalias() += pull.col(i) * pull.col(i).transpose();
      }
    }
    direction_ = curvature.llt().solve(residual_);
    effort_rate_.noalias() = pull.transpose() * direction_;
    multiplier_ += step_length(torque) * direction_;
  }

  bool is_free(Eigen::Index i, double effort) const {
    return effort > bounds_.min[i] && effort < bounds_.max[i];
  }

  // Slope of the convex function at `length` steps along the direction.
  double slope(double length, const JointVector& torque) const {
    const ActuatorVector effort = clipped(free_effort_ + length * effort_rate_);
    return effort_rate_.dot(effort) - direction_.dot(torque) +
           relaxation_ * direction_.dot(multiplier_ + length * direction_);
  }

  // A whole step, or up to the minimum before it. The slope is straight between the lengths at
  // which an effort reaches or leaves a bound, so the walk from one to the next ends at the root.
  double step_length(const JointVector& torque) const {
    if (slope(1.0, torque) <= 0.0) return 1.0;
    double length = 0.0, height = slope(0.0, torque);
    for (Eigen::Index i = 0; i <= 2 * free_effort_.size() && height < 0.0; ++i) {
      const double next = next_bend(length);
      const double middle = 0.5 * (length + next);
      const double rise = rise_at(middle);
      if (height + rise * (next - length) >= 0.0) return length - height / rise;
      height += rise * (next - length);
      length = next;
    }
    return length;
  }

  // The nearest length beyond `length`, at most 1, at which an effort reaches or leaves a bound.
  double next_bend(double length) const {
    double next = 1.0;
    for (Eigen::Index i = 0; i < free_effort_.size(); ++i) {
      for (const double bound : {bounds_.min[i], bounds_.max[i]}) {
        const double at = (bound - free_effort_[i]) / effort_rate_[i];
        if (at > length && at < next) next = at;
      }
    }
    return next;
  }

  double rise_at(double length) const {
    double rise = relaxation_ * direction_.squaredNorm();
    for (Eigen::Index i = 0; i < free_effort_.size(); ++i) {
      if (is_free(i, free_effort_[i] + length * effort_rate_[i])) {
        rise += effort_rate_[i] * effort_rate_[i];
      }
    }
    return rise;
  }

  EffortBounds bounds_;
  ActuatorVector effort_, free_effort_, effort_rate_;
  JointVector multiplier_, residual_, direction_;
  double relaxation_ = 0.0;
  int steps_ = 0;
  bool reached_ = true;
};

}  // namespace handloop
