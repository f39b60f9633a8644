// Which task the hand has at what time, and where that wants things to be.
#pragma once

#include <algorithm>
#include <array>
#include <stdexcept>

#include "handloop/trajectory.hpp"

namespace handloop {

enum class TaskKind : std::uint8_t {
  kPosture,     // joints follow the trajectory; fingers that touch grip (posture_task.hpp)
  kFingertips,  // fingertips are held in space (fingertip_impedance.hpp)
  kObject,      // the object between the fingertips is held in space (object_grasp.hpp)
};

// Offsets count from where things were when a task of this kind began.
struct TaskStep {
  double time = 0.0;  // [s], from which it holds
  TaskKind kind = TaskKind::kPosture;
  PerFinger<Vec3> tip_offset{Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero(), Vec3::Zero()};
  Vec3 offset = Vec3::Zero();  // [m], of the object, world axes
  Vec3 turn = Vec3::Zero();    // rotation vector of the object [rad], world axes
};

// Steps in time; between two steps of one kind the offsets move along a minimum jerk.
class TaskPlan {
 public:
  static constexpr std::size_t kMaxSteps = 16;

  // Throws std::invalid_argument when the steps are not in order or too many.
  void add(const TaskStep& step) {
    if (count_ == kMaxSteps) {
      throw std::invalid_argument("a plan has at most " + std::to_string(kMaxSteps) + " steps");
    }
    if (count_ > 0 && !(step.time > step_[count_ - 1].time)) {
      throw std::invalid_argument("the steps of a plan must come one after the other");
    }
    step_[count_++] = step;
  }

  // Where the plan wants things at `now`; posture control before the first step.
  TaskStep at(double now) const {
    std::size_t next = 0;
    while (next < count_ && step_[next].time <= now) ++next;
    if (next == 0) return {};
    TaskStep step = step_[next - 1];
    if (next < count_ && step_[next].kind == step.kind) move_on(step, step_[next], now);
    return step;
  }

 private:
  static void move_on(TaskStep& step, const TaskStep& next, double now) {
    const double s = minimum_jerk((now - step.time) / (next.time - step.time));
    for (std::size_t f = 0; f < kMaxFingers; ++f) {
      step.tip_offset[f] += s * (next.tip_offset[f] - step.tip_offset[f]);
    }
    step.offset += s * (next.offset - step.offset);
    step.turn += s * (next.turn - step.turn);
  }

  std::array<TaskStep, kMaxSteps> step_{};
  std::size_t count_ = 0;
};

}  // namespace handloop
