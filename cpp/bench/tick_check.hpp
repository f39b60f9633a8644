// What is checked of every tick that is timed: a fast wrong answer is no success. A stage that
// solves something adds the residual of its answer here, and its iterations.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "handloop/controller.hpp"

namespace handloop::bench {

class TickCheck {
 public:
  explicit TickCheck(const ControllerConfig& config) : torque_max_(config.safety.torque_max) {}

  void look(const HandCommand& command, const Controller& controller) {
    look_at_solution(controller);
    if (!command.torque.allFinite()) ++unsound_;
    const double excess = (command.torque.cwiseAbs() - torque_max_).maxCoeff();
    torque_excess_ = std::max(torque_excess_, excess);
    for (const double torque : command.torque) digest_ = mix(digest_, torque);
  }

  bool sound() const {
    return unsound_ == 0 && torque_excess_ <= 0.0 && force_excess_ <= kForceTolerance;
  }
  int solves() const { return solves_; }                   // of the grasp-force problem
  int iterations_max() const { return iterations_max_; }   // of one solve
  double force_excess() const { return force_excess_; }    // [N, N m] out of cones and limits
  int unsound() const { return unsound_; }                 // commands that were not finite
  double torque_excess() const { return torque_excess_; }  // [N m] beyond the limits, <= 0
  std::uint64_t digest() const { return digest_; }         // of all bits of all torques

 private:
  static std::uint64_t mix(std::uint64_t digest, double value) {
    return (digest ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3;  // FNV-1a, by words
  }

  static constexpr double kForceTolerance = 1e-6;

  // Forces that were not solved for anew, as in HOLD, are judged again: no harm.
  void look_at_solution(const Controller& controller) {
    if (controller.task_kind() != TaskKind::kObject) return;
    const GraspForceResult& result = controller.object().result();
    ++solves_;
    iterations_max_ = std::max(iterations_max_, result.iterations);
    const GraspResiduals r = controller.object().residual();
    if (!result.torque_relaxed) force_excess_ = std::max({force_excess_, r.torque});
    force_excess_ = std::max({force_excess_, r.cone, r.bound});
    if (result.status == GraspForceStatus::kSolved) {
      force_excess_ = std::max(force_excess_, r.wrench);
    }
  }

  JointVector torque_max_;
  int solves_ = 0, iterations_max_ = 0;
  double force_excess_ = 0.0;
  int unsound_ = 0;
  double torque_excess_ = -1e300;
  std::uint64_t digest_ = 0xcbf29ce484222325;
};

}  // namespace handloop::bench
