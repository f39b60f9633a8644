// What passes between a plant and the controller: one sample of the hand in, one command out.
//
// Sizes are set at construction, capacity at compile time, so that no tick ever touches the heap.
// SI units throughout: rad, rad/s, N m, N, m, s.
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>

namespace handloop {

inline constexpr int kMaxJoints = 32;
inline constexpr int kMaxFingers = 5;
inline constexpr int kMaxActuators = 64;

using Vec3 = Eigen::Vector3d;
using Mat3 = Eigen::Matrix3d;

// A vector over the hand's joints: dynamic size, storage inside the object.
using JointVector = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, kMaxJoints, 1>;
// One number per motor: as many as joints where each drives its own, more with tendons.
using ActuatorVector = Eigen::Matrix<double, Eigen::Dynamic, 1, Eigen::ColMajor, kMaxActuators, 1>;
using JointMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor, kMaxJoints, kMaxJoints>;
using Jacobian = Eigen::Matrix<double, 3, Eigen::Dynamic, Eigen::ColMajor, 3, kMaxJoints>;

// Whether all entries are numbers: 0 x is 0 for every number, and no number for what is none. One
// sum costs a fraction of a look at each.
template <typename... Vectors>
bool all_finite(const Vectors&... vectors) {
  return ((0.0 * vectors).sum() + ...) == 0.0;
}

template <typename T>
using PerFinger = std::array<T, kMaxFingers>;

// What a tactile fingertip reports. Position and normal are given in the frame of the fingertip
// site, because a skin knows where on itself it is touched, not where that is in the room.
struct FingerContact {
  bool touching = false;
  Vec3 position = Vec3::Zero();  // [m], fingertip frame
  Vec3 normal = Vec3::UnitZ();   // unit, fingertip frame, from the pad into the object
  Vec3 tangent = Vec3::UnitX();  // unit, fingertip frame, second axis of the contact frame
  Vec3 force = Vec3::Zero();     // [N], contact frame, normal first; what the pad presses with
  double slip_speed = 0.0;       // [m/s], tangential speed of the object over the skin, >= 0
};

// One sample of the hand, stamped with the time at which it was taken.
struct HandState {
  double time = 0.0;           // [s]
  std::uint64_t sequence = 0;  // grows by one with every new sample
  JointVector q;               // [rad]
  JointVector dq;              // [rad/s]
  PerFinger<FingerContact> contact{};
  // What the motors report; empty where they report nothing.
  ActuatorVector current;       // [A]
  ActuatorVector temperature;   // [deg C], of the housing
  bool emergency_stop = false;  // the button is pressed
};

struct HandCommand {
  double time = 0.0;       // [s], of the tick that made it
  JointVector torque;      // [N m], one per joint, within the limits
  ActuatorVector effort;   // what each motor shall do: joint torque [N m], or tendon tension [N]
  ActuatorVector current;  // [A], that this takes of each motor
  ActuatorVector duty;     // part of the supply voltage, -1 to 1; 0 where that is not known
  bool limp = false;       // no torque is allowed: more than a torque that happens to be zero
};

}  // namespace handloop
