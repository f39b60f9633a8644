// How the fingers share the wrench that an object needs: the least forces in exact friction cones.
//
//   minimise  1/2 sum weight_i |f_i|^2   so that  sum G_i f_i = wrench,  f_i in C_i
//
// with the grasp matrix G_i of contact i and its set of forces C_i (contact_force_set.hpp). Buss,
// Hashimoto and Moore (1996) put grasps in this form; Boyd and Wegbreit (2007) solve its dual, in
// the six multipliers y of the wrench, which is what happens here:
//   f_i(y) = nearest force of C_i to G_i^T y / weight_i,
// and y climbs a concave function whose gradient is the wrench that is missing. Its semismooth
// Newton steps (Qi and Sun 1993) solve a 6 x 6 system each. Every f_i lies in its set at any time;
// only the wrench can be missed.
//
// Proximal term softness / 2 |y - centre|^2: centred on the last y it costs no accuracy (method of
// multipliers, Rockafellar 1976). Centred on zero, its answer is the one to a wrench out of reach:
//   minimise  1/2 |missing wrench|^2 + closeness / 2 sum weight_i |f_i|^2,
// the closest wrench, but for where its last hundredth of a newton would cost the largest forces.
#pragma once

#include <cstdint>

#include "handloop/grasp_force_check.hpp"
#include "handloop/newton_ascent.hpp"

namespace handloop {

enum class GraspForceStatus : std::uint8_t {
  kSolved,       // the wrench is met with the least forces
  kInfeasible,   // no forces meet it within their limits: these come closest, with least effort
  kNotConverged  // input that is no problem, or no time left: forces in their sets, no more
};

struct GraspForceConfig {
  double length = 0.04;            // [m], a torque counts as the force that it is at this lever
  double wrench_tolerance = 2e-8;  // of the wrench in relation to 1 N + its size
  double closeness = 1e-4;         // what effort counts beside a wrench that is missing
  int max_iterations = 60;         // Newton steps
};

struct GraspForceResult {
  GraspForceStatus status = GraspForceStatus::kNotConverged;
  // Torque rows of a contact could not be met together: they let its least force through.
  bool torque_relaxed = false;
  int iterations = 0;
  int contact_count = 0;
  PerFinger<Vec3> force{Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero()};
  GraspMultipliers multipliers;
  GraspResiduals residual;
};

class GraspForceSolver {
 public:
  explicit GraspForceSolver(const GraspForceConfig& config) : config_(config) {}

  // Forgets the tick before.
  void reset() {
    warm_ = Warm::kNone;
    for (ContactForceSet& set : set_) set.forget();
  }

  GraspForceResult solve(const GraspProblem& problem) {
    if (!makes_sense(problem)) return refused(problem);
    prepare(problem);
    if (warm_ != Warm::kMet || !meet()) come_close_or_meet();
    return conclude(problem);
  }

 private:
  // How the tick before ended.
  enum class Warm : std::uint8_t { kNone, kMet, kMissed };
  using Mat6 = Eigen::Matrix<double, 6, 6>;

  // Softness while the wrench is a constraint: what is left to the next round.
  static constexpr double kConstraint = 1e-8;
  static constexpr int kRounds = 3, kRoundSteps = 6;
  // Softness on the way to the closest wrench, and how well these are solved, of the wrench.
  static constexpr std::array<double, 2> kLadder{0.1, 3e-3};
  static constexpr double kEnough = 0.03;
  static constexpr int kStageSteps = 12;

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  static bool makes_sense(const GraspContact& c) {
    bool ok = c.position.allFinite() && std::abs(c.normal.squaredNorm() - 1.0) < 1e-6 &&
              std::isfinite(c.friction) && c.friction >= 0.0 && c.force_min >= 0.0 &&
              c.force_min <= c.force_max && std::isfinite(c.force_max) && c.weight > 0.0 &&
              std::isfinite(c.weight) && c.row_count >= 0 && c.row_count <= kMaxTorqueRows;
    for (int k = 0; ok && k < c.row_count; ++k) {
      const TorqueRow& row = c.row[index(k)];
      ok = row.arm.allFinite() && row.low <= row.high && std::isfinite(row.low) &&
           std::isfinite(row.high);
    }
    return ok;
  }

  static bool makes_sense(const GraspProblem& p) {
    bool ok = p.contact_count >= 0 && p.contact_count <= kMaxFingers && p.wrench.allFinite() &&
              p.origin.allFinite();
    for (int i = 0; ok && i < p.contact_count; ++i) ok = makes_sense(p.contact[index(i)]);
    return ok;
  }

  // The least that keeps touch, where that much is known.
  static GraspForceResult refused(const GraspProblem& p) {
    GraspForceResult result;
    result.contact_count = std::clamp(p.contact_count, 0, kMaxFingers);
    for (int i = 0; i < result.contact_count; ++i) {
      const GraspContact& c = p.contact[index(i)];
      if (makes_sense(c)) result.force[index(i)] = c.force_min * c.normal;
    }
    return result;
  }

  void prepare(const GraspProblem& p) {
    count_ = p.contact_count;
    iterations_ = 0;
    wanted_ << p.wrench.head<3>(), p.wrench.tail<3>() / config_.length;
    tolerance_ = config_.wrench_tolerance * (1.0 + wanted_.norm());
    reach_ = 0.0;
    for (int i = 0; i < count_; ++i) {
      const GraspContact& c = p.contact[index(i)];
      set_[index(i)].assign(c);
      lever_[index(i)] = (c.position - p.origin) / config_.length;
      const double most = (1.0 + c.friction * c.friction) * c.force_max * c.force_max;
      reach_ += 0.5 * c.weight * most;
    }
  }

  // The least forces that meet the wrench, by the method of multipliers from the y at hand. False:
  // it is out of reach, or far.
  bool meet() {
    softness_ = kConstraint;
    for (int round = 0; round < kRounds; ++round) {
      centre_ = y_;
      evaluate();
      const bool there = climb(kRoundSteps, 0.0);
      if (there && met()) return true;
      if (!there && proven_out_of_reach()) return false;
    }
    return false;
  }

  void come_close_or_meet() {
    if (!come_close() || !within_reach()) return;
    const Vec6 closest = y_;
    if (meet()) return;
    y_ = closest;
    aim_closest(config_.closeness);
    converged_ = true;
  }

  void aim_closest(double softness) {
    softness_ = softness;
    centre_.setZero();
    evaluate();
  }

  // The closest wrench with least effort. What held a tick ago mostly holds again; else softly at
  // first, where every start is near enough, and then harder and harder.
  bool come_close() {
    if (warm_ == Warm::kMissed && harden(config_.closeness, kStageSteps, 0.0)) return true;
    const double enough = kEnough * wanted_.norm();
    y_.setZero();
    for (const double softness : kLadder) harden(softness, kStageSteps, enough);
    return harden(config_.closeness, config_.max_iterations, 0.0);
  }

  bool harden(double softness, int steps, double enough) {
    aim_closest(softness);
    leap();
    return climb(steps, enough);
  }

  // Where forces stay, y is what is missing over the softness.
  void leap() {
    const Vec6 y = y_;
    const double norm = gradient_.norm();
    y_ = missing_ / softness_;
    evaluate();
    if (gradient_.norm() <= norm) return;
    y_ = y;
    evaluate();
  }

  bool met() const { return missing_.norm() <= tolerance_; }
  // The answer with softness costs no more than any forces that meet the wrench.
  bool within_reach() const {
    return missing_.squaredNorm() <= 2.0 * softness_ * reach_ && !proven_out_of_reach();
  }

  // What all forces can do along y falls short of the wrench (Farkas).
  bool proven_out_of_reach() const {
    double most = 0.0;
    const Vec3 force = y_.head<3>(), torque = y_.tail<3>();
    for (int i = 0; i < count_; ++i) {
      const Vec3 pull = force + torque.cross(lever_[index(i)]);
      most += set_[index(i)].most_along(pull);
    }
    return y_.dot(wanted_) - most > tolerance_ * y_.norm();
  }

  // Newton's method until the gradient is no larger than `enough` or nothing. True: it is.
  bool climb(int steps, double enough) {
    const int last = std::min(iterations_ + steps, config_.max_iterations);
    while (!(converged_ = gradient_.norm() <= std::max(enough, 0.1 * tolerance_))) {
      if (iterations_ >= last) break;
      ++iterations_;
      Mat6 h = curvature();
      h.diagonal().array() += softness_;
      Vec6 direction = gradient_;
      solve_symmetric(h, 6, direction);
      const Vec6 from = y_;
      ascend(gradient_.dot(direction), [&](double t) {
        y_ = from + t * direction;
        evaluate();
        return gradient_.dot(direction);
      });
    }
    return converged_;
  }

  void evaluate() {
    const Vec3 force = y_.head<3>(), torque = y_.tail<3>();
    missing_ = wanted_;
    for (int i = 0; i < count_; ++i) {
      ForceProjection& p = projection_[index(i)];
      const Vec3& lever = lever_[index(i)];
      const double weight = set_[index(i)].contact().weight;
      set_[index(i)].project((force + torque.cross(lever)) / weight, p);
      missing_.head<3>() -= p.force;
      missing_.tail<3>() -= lever.cross(p.force);
    }
    gradient_ = missing_ - softness_ * (y_ - centre_);
  }

  // Lower triangle of sum G D G^T / weight.
  Mat6 curvature() const {
    Mat3 force = Mat3::Zero(), mixed = Mat3::Zero(), torque = Mat3::Zero();
    for (int i = 0; i < count_; ++i) {
      const Mat3 d = projection_[index(i)].jacobian / set_[index(i)].contact().weight;
      const Vec3& lever = lever_[index(i)];
      Mat3 moment;
      for (int k = 0; k < 3; ++k) moment.col(k) = lever.cross(d.col(k));
      force += d;
      mixed += moment;
      for (int k = 0; k < 3; ++k) torque.row(k) += lever.cross(moment.row(k).transpose());
    }
    Mat6 h;
    h.topLeftCorner<3, 3>() = force;
    h.bottomLeftCorner<3, 3>() = mixed;
    h.bottomRightCorner<3, 3>() = torque;
    return h;
  }

  GraspForceResult conclude(const GraspProblem& p) {
    GraspForceResult result;
    result.iterations = iterations_;
    result.contact_count = count_;
    result.multipliers.wrench = y_;
    for (int i = 0; i < count_; ++i) {
      result.force[index(i)] = projection_[index(i)].force;
      result.torque_relaxed = result.torque_relaxed || set_[index(i)].relaxed();
      result.multipliers.row[index(i)] = set_[index(i)].prices();
    }
    result.residual =
        check_grasp(p, result.force, result.multipliers, config_.length, met() ? 0.0 : softness_);
    if (converged_) {
      result.status = met() && !result.torque_relaxed ? GraspForceStatus::kSolved
                                                      : GraspForceStatus::kInfeasible;
    }
    warm_ = !converged_ ? Warm::kNone : met() ? Warm::kMet : Warm::kMissed;
    return result;
  }

  GraspForceConfig config_;
  int count_ = 0, iterations_ = 0;
  Warm warm_ = Warm::kNone;
  bool converged_ = false;
  double softness_ = kConstraint;
  double tolerance_ = 0.0;  // [N]
  double reach_ = 0.0;      // [N2], cost of the largest forces
  std::array<ContactForceSet, kMaxFingers> set_{};
  PerFinger<ForceProjection> projection_{};
  PerFinger<Vec3> lever_{};  // in units of `length`
  Vec6 wanted_ = Vec6::Zero(), missing_ = Vec6::Zero(), gradient_ = Vec6::Zero();
  Vec6 y_ = Vec6::Zero(), centre_ = Vec6::Zero();
};

}  // namespace handloop
