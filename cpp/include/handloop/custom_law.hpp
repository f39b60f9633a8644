// A law of the user's own in the place of the built-in one: a C function called once a tick.
//
// Everything a law can ask for lies behind one struct of numbers and pointers, so that C, C++ and
// numba see the same. Matrices are dense, last index fastest. The built-in law stays at hand: it is
// what holds the hand once something is wrong, because the fault may be the user's law.
#pragma once

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "handloop/force_law.hpp"
#include "handloop/grip.hpp"
#include "handloop/posture_task.hpp"

namespace handloop {

// What a law is given. Only `memory` and `torque` are for writing. n joints, F fingers, world axes.
struct LawInput {
  double time, period;                             // [s], now and from tick to tick
  std::int64_t joint_count, finger_count;          // n, F
  std::int64_t parameter_count, memory_count;      // P, M
  std::int64_t fresh;                              // 0: still the sample of the tick before
  double integral_max, force_max, friction_rate;   // [N], [N], [1/s]
  const double *q, *dq, *reference;                // (n) [rad], [rad/s], [rad]
  const double *gravity, *bias;                    // (n) [N m], null unless wanted
  const double *stiffness, *damping, *torque_max;  // (n) [N m/rad], [N m s/rad], [N m]
  const double* dry_friction;                      // (n) [N m]
  const double* integral_gain;                     // (F) [1/s]
  const bool *touching, *gripping;                 // (F)
  const double *normal_force, *wanted_force;       // (F) [N]
  const double* slip_speed;                        // (F) [m/s]
  const double* contact_force;                     // (F, 3) [N], what the pad presses with
  const double *contact_point, *contact_normal;    // (F, 3) [m], unit
  const double* tip_position;                      // (F, 3) [m]
  const double* tip_jacobian;                      // (F, 3, n) [m/rad], null unless wanted
  const double* parameters;                        // (P)
  double* memory;  // (M), kept from tick to tick, zero after a reset
  double* torque;  // (n) [N m], zero on entry
};
static_assert(std::is_standard_layout_v<LawInput> && std::is_trivial_v<LawInput>);

// Must not throw. A law that fails says so by a torque that is no number, which ends in LIMP.
using LawFunction = void (*)(const LawInput*);

struct CustomLaw {
  LawFunction function = nullptr;  // null: the built-in law
  // What takes time to compute, and is left out for a law that does not ask for it.
  bool wants_gravity = false, wants_bias = false, wants_tip_jacobian = false;
  std::vector<double> parameters;
  std::size_t memory_count = 64;
  std::shared_ptr<const void> code;  // keeps the function in being, where that needs somebody
};

// Calls a custom law with what the stages before it found.
class CustomLawStage {
 public:
  CustomLawStage(const ForceLawConfig& config, const JointVector& torque_max, double period)
      : config_(config), torque_max_(torque_max), period_(period) {
    if (config_.dry_friction.size() == 0) config_.dry_friction = 0.0 * config_.stiffness;
  }

  // Not for a tick: takes memory.
  void set(CustomLaw law) {
    law_ = std::move(law);
    memory_.assign(law_.memory_count, 0.0);
  }
  void reset() { std::fill(memory_.begin(), memory_.end(), 0.0); }
  bool given() const { return law_.function != nullptr; }

  void apply(double now, bool fresh, const HandState& sample, HandKinematics& hand,
             const ForceFeedback& feedback, const PostureTask& task, const GripReflex& grip,
             JointVector& torque) {
    const int fingers = hand.model().finger_count;
    for (int f = 0; f < fingers; ++f) gather(f, hand, feedback.finger(f), task, grip);
    if (law_.wants_gravity) gravity_ = hand.gravity_torque();
    if (law_.wants_bias) bias_ = hand.bias_torque(sample.dq);
    if (law_.wants_tip_jacobian) gather_jacobians(hand);
    torque.setZero();
    LawInput in = input(sample, task.reference(), torque);
    in.time = now;
    in.fresh = fresh;
    in.finger_count = fingers;
    law_.function(&in);
  }

 private:
  using PointPerFinger = std::array<std::array<double, 3>, kMaxFingers>;

  static void put(const Vec3& v, std::array<double, 3>& out) { out = {v.x(), v.y(), v.z()}; }

  void gather(int finger, const HandKinematics& hand, const FingerForce& force,
              const PostureTask& task, const GripReflex& grip) {
    const auto f = static_cast<std::size_t>(finger);
    touching_[f] = force.touching;
    gripping_[f] = task.gripping(finger);
    normal_force_[f] = force.normal;
    wanted_force_[f] = task.onset(finger) * grip.wanted_force(finger);
    slip_speed_[f] = force.slip_speed;
    put(hand.tip_rotation(finger) * force.force, contact_force_[f]);
    put(force.point, contact_point_[f]);
    put(force.direction, contact_normal_[f]);
    put(hand.tip_position(finger), tip_position_[f]);
  }

  void gather_jacobians(const HandKinematics& hand) {
    using RowMajor = Eigen::Matrix<double, 3, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Index n = hand.model().joint_count;
    for (int f = 0; f < hand.model().finger_count; ++f) {
      Eigen::Map<RowMajor>(tip_jacobian_.data() + 3 * n * f, 3, n) = hand.tip_jacobian(f);
    }
  }

  // Made anew every tick: the controller, and with it what this points to, may have moved.
  LawInput input(const HandState& sample, const JointVector& reference, JointVector& torque) {
    LawInput in{};
    in.period = period_;
    in.joint_count = torque.size();
    in.parameter_count = static_cast<std::int64_t>(law_.parameters.size());
    in.memory_count = static_cast<std::int64_t>(memory_.size());
    in.integral_max = config_.integral_max;
    in.force_max = config_.force_max;
    in.friction_rate = config_.friction_rate;
    in.q = sample.q.data();
    in.dq = sample.dq.data();
    in.reference = reference.data();
    in.gravity = law_.wants_gravity ? gravity_.data() : nullptr;
    in.bias = law_.wants_bias ? bias_.data() : nullptr;
    in.stiffness = config_.stiffness.data();
    in.damping = config_.damping.data();
    in.torque_max = torque_max_.data();
    in.dry_friction = config_.dry_friction.data();
    in.integral_gain = config_.integral_gain.data();
    in.touching = touching_.data();
    in.gripping = gripping_.data();
    in.normal_force = normal_force_.data();
    in.wanted_force = wanted_force_.data();
    in.slip_speed = slip_speed_.data();
    in.contact_force = contact_force_[0].data();
    in.contact_point = contact_point_[0].data();
    in.contact_normal = contact_normal_[0].data();
    in.tip_position = tip_position_[0].data();
    in.tip_jacobian = law_.wants_tip_jacobian ? tip_jacobian_.data() : nullptr;
    in.parameters = law_.parameters.data();
    in.memory = memory_.data();
    in.torque = torque.data();
    return in;
  }

  ForceLawConfig config_;
  JointVector torque_max_;
  double period_;
  CustomLaw law_;
  std::vector<double> memory_;
  JointVector gravity_, bias_;
  PerFinger<bool> touching_{}, gripping_{};
  PerFinger<double> normal_force_{}, wanted_force_{}, slip_speed_{};
  PointPerFinger contact_force_{}, contact_point_{}, contact_normal_{}, tip_position_{};
  std::array<double, kMaxFingers * 3 * kMaxJoints> tip_jacobian_{};
};

}  // namespace handloop
