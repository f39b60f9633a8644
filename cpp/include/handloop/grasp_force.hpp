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
//
// A solve can be given a budget of work. One that has spent it is gone on with by the next, at the
// place where it stopped; until then the forces are the best on the way from the last ones to the
// closest seen: in their sets, and no further from the wrench than either.
#pragma once

#include <cstdint>

#include "handloop/grasp_dual.hpp"
#include "handloop/grasp_force_check.hpp"
#include "handloop/newton_ascent.hpp"
#include "handloop/solve_symmetric.hpp"

namespace handloop {

enum class GraspForceStatus : std::uint8_t {
  kSolved,        // the wrench is met with the least forces
  kInfeasible,    // no forces meet it within their limits: these come closest, with least effort
  kNotConverged,  // input that is no problem, or no steps left: forces in their sets, no more
  kUnfinished     // the work is spent, the next solve goes on: forces in their sets till then
};

struct GraspForceConfig {
  double length = 0.04;            // [m], a torque counts as the force that it is at this lever
  double wrench_tolerance = 2e-8;  // of the wrench in relation to 1 N + its size
  double closeness = 1e-4;         // what effort counts beside a wrench that is missing
  int max_iterations = 60;         // Newton steps
  int max_work = std::numeric_limits<int>::max();  // of one solve, in units of work_budget.hpp
};

struct GraspForceResult {
  GraspForceStatus status = GraspForceStatus::kNotConverged;
  // Torque rows of a contact could not be met together: they let its least force through.
  bool torque_relaxed = false;
  int iterations = 0;
  int work = 0;  // in units of work_budget.hpp
  int contact_count = 0;
  PerFinger<Vec3> force{Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero()};
  GraspMultipliers multipliers;
  double softness = 0.0;  // that these belong to
  GraspResiduals residual;
};

class GraspForceSolver {
 public:
  explicit GraspForceSolver(const GraspForceConfig& config) : config_(config) {}

  // Forgets the solves before.
  void reset() {
    enter(Stage::kSoft);
    came_close_ = false;
    dual_.forget();
  }

  GraspForceResult solve(const GraspProblem& problem) {
    GraspForceResult result = share(problem);
    result.residual = residual(problem, result);
    return result;
  }

  // What is wrong with an answer; nothing where there was no problem.
  GraspResiduals residual(const GraspProblem& problem, const GraspForceResult& result) const {
    if (!makes_sense(problem)) return {};
    return check_grasp(problem, result.force, result.multipliers, config_.length, result.softness);
  }

  // The solution without its residual, which a tick has no use for.
  GraspForceResult share(const GraspProblem& problem) {
    if (!makes_sense(problem)) return refused(problem);
    work_ = {config_.max_work};
    iterations_ = 0;
    dual_.pose(problem, config_.length, work_);
    tolerance_ = config_.wrench_tolerance * (1.0 + dual_.wanted().norm());
    end_ = End::kOpen;
    do {
      go_on();
    } while (end_ == End::kOpen && !work_.over());
    return conclude(problem.last);
  }

 private:
  // What is looked for next. `kMeet`: the least forces that meet the wrench. The others: those
  // that come closest to it. What held a tick ago mostly holds again, `kAgain`; else softly at
  // first, where every start is near enough, and then harder and harder.
  enum class Stage : std::uint8_t { kMeet, kAgain, kSoft, kFirm, kClosest };
  enum class End : std::uint8_t { kOpen, kMet, kMissed, kGivenUp };

  // Softness while the wrench is a constraint: what is left to the next round.
  static constexpr double kConstraint = 1e-8;
  static constexpr int kRounds = 3, kRoundSteps = 6;
  // Softness on the way to the closest wrench, and how well these are solved, of the wrench.
  static constexpr double kSoft = 0.1, kFirm = 3e-3, kEnough = 0.03;
  static constexpr int kStageSteps = 12;
  static constexpr int kNewtonStep = 12;  // work

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

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

  void enter(Stage stage) {
    stage_ = stage;
    round_ = steps_ = 0;
    first_try_ = 1.0;
    begun_ = false;
  }

  void go_on() {
    if (stage_ == Stage::kMeet) return meet();
    if (stage_ == Stage::kSoft || stage_ == Stage::kFirm) return climb_ladder();
    come_close();
  }

  // By the method of multipliers from the y at hand, until it is out of reach, or far.
  void meet() {
    softness_ = kConstraint;
    for (; round_ < kRounds; ++round_, steps_ = 0) {
      centre_ = y_;
      look();
      const bool there = climb(kRoundSteps, 0.0);
      if (there && met()) return end(End::kMet);
      if (!there && proven_out_of_reach()) break;
      if (work_.over()) return;
    }
    if (came_close_) y_ = closest_;
    enter(came_close_ ? Stage::kAgain : Stage::kSoft);
  }

  void climb_ladder() {
    const bool soft = stage_ == Stage::kSoft;
    if (soft && !begun_) y_.setZero();
    harden(soft ? kSoft : kFirm, kStageSteps, kEnough * dual_.wanted().norm());
    if (!work_.over()) enter(soft ? Stage::kFirm : Stage::kClosest);
  }

  // The closest wrench with least effort.
  void come_close() {
    const bool again = stage_ == Stage::kAgain;
    if (harden(config_.closeness, again ? kStageSteps : config_.max_iterations, 0.0)) {
      if (came_close_ || !within_reach()) return end(End::kMissed);
      closest_ = y_;
      came_close_ = true;
      enter(Stage::kMeet);
    } else if (!work_.over()) {
      if (!again) return end(End::kGivenUp);
      enter(Stage::kSoft);
    }
  }

  // Where the next solve begins.
  void end(End how) {
    end_ = how;
    came_close_ = false;
    enter(how == End::kMet ? Stage::kMeet : how == End::kMissed ? Stage::kAgain : Stage::kSoft);
  }

  bool harden(double softness, int steps, double enough) {
    softness_ = softness;
    centre_.setZero();
    look();
    if (!begun_) leap();
    begun_ = true;
    return climb(steps, enough);
  }

  // Where forces stay, y is what is missing over the softness.
  void leap() {
    if (work_.over()) return;
    const Vec6 y = y_;
    const double norm = gradient_.norm();
    y_ = dual_.missing() / softness_;
    look();
    if (!work_.over() && gradient_.norm() <= norm) return;
    y_ = y;
    if (!work_.over()) look();
  }

  bool met() const { return dual_.missing().norm() <= tolerance_; }
  // The answer with softness costs no more than any forces that meet the wrench.
  bool within_reach() const {
    return dual_.missing().squaredNorm() <= 2.0 * softness_ * dual_.effort_max() &&
           !proven_out_of_reach();
  }
  bool proven_out_of_reach() const { return dual_.shortfall(y_) > tolerance_ * y_.norm(); }

  // Newton's method until the gradient is no larger than `enough` or nothing. True: it is.
  bool climb(int steps, double enough) {
    while (!work_.over()) {
      if (gradient_.norm() <= std::max(enough, 0.1 * tolerance_)) return true;
      if (steps_ >= steps || iterations_ >= config_.max_iterations) return false;
      ++iterations_;
      // One that is broken off is gone on with in the next solve.
      if (step() || stage_ == Stage::kMeet) ++steps_;
    }
    return false;
  }

  // False: the work was spent on the way.
  bool step() {
    work_.spend(kNewtonStep);
    Mat6 h = dual_.curvature();
    h.diagonal().array() += softness_;
    Vec6 direction = gradient_;
    solve_symmetric<6>(h, direction);
    const Vec6 from = y_;
    const Ascent ascent = ascend(gradient_.dot(direction), first_try_, work_, [&](double t) {
      y_ = from + t * direction;
      look();
      return gradient_.dot(direction);
    });
    first_try_ = ascent.next_try;
    if (ascent.stopped) y_ = from + ascent.step * direction;
    return !ascent.stopped;
  }

  void look() {
    dual_.look(y_, work_);
    gradient_ = dual_.missing() - softness_ * (y_ - centre_);
  }

  GraspForceResult conclude(const PerFinger<Vec3>& last) const {
    GraspForceResult result;
    result.iterations = iterations_;
    result.work = work_.spent;
    result.contact_count = dual_.contact_count();
    result.multipliers.wrench = y_;
    result.softness = end_ == End::kMet ? 0.0 : softness_;
    for (int i = 0; i < result.contact_count; ++i) {
      result.force[index(i)] = dual_.force(i);
      result.torque_relaxed = result.torque_relaxed || dual_.set(i).relaxed();
      result.multipliers.row[index(i)] = dual_.set(i).prices();
    }
    if (end_ == End::kOpen) {
      result.status = GraspForceStatus::kUnfinished;
      result.force = dual_.best_on_way(last, config_.closeness);
    } else if (end_ != End::kGivenUp) {
      result.status = end_ == End::kMet && !result.torque_relaxed ? GraspForceStatus::kSolved
                                                                  : GraspForceStatus::kInfeasible;
    }
    return result;
  }

  GraspForceConfig config_;
  WorkBudget work_;
  GraspDual dual_;
  int iterations_ = 0;
  End end_ = End::kOpen;
  double tolerance_ = 0.0;  // [N]
  // Where the solve is: in a stage, in its round, after that many steps.
  Stage stage_ = Stage::kSoft;
  int round_ = 0, steps_ = 0;
  bool begun_ = false;
  double first_try_ = 1.0;   // of a Newton step
  bool came_close_ = false;  // at `closest_`, and the wrench may be within reach
  double softness_ = kConstraint;
  Vec6 y_ = Vec6::Zero(), centre_ = Vec6::Zero(), gradient_ = Vec6::Zero();
  Vec6 closest_ = Vec6::Zero();
};

}  // namespace handloop
