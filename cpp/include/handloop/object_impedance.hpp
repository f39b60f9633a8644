// An object felt through the fingertips that hold it, and the wrench that keeps it where it should
// be.
//
// Virtual object frame: its origin and axes are those that move the fingertips of the moment of
// grasping, as one rigid body, nearest to where they are (Wimboeck, Ott and Hirzinger 2007 hold the
// DLR hand's objects by such a frame). Wanted wrench on the object:
//   force  = load + K (x_wanted - x) - D v,   torque = load + K_r log(R_wanted R^T) - D_r w
// where `load` is what the pads are felt to carry, filtered: without it the object would sink under
// its weight. A slow, bounded integral takes away what is left, for fingers do not press quite as
// they are told.
#pragma once

#include <Eigen/Geometry>

#include "handloop/force_feedback.hpp"
#include "handloop/solve_symmetric.hpp"
#include "handloop/task_plan.hpp"

namespace handloop {

struct ObjectImpedanceConfig {
  double stiffness = 800.0;              // [N/m]
  double damping = 4.0;                  // [N s/m]
  double rotation_stiffness = 0.3;       // [N m/rad]
  double rotation_damping = 0.005;       // [N m s/rad]
  double load_time = 0.05;               // [s], filter on the load that the fingers carry
  double integral_rate = 2.0;            // [1/s], at which stiffness is added for what stays wrong
  double integral_max = 4.0;             // [N], most that this adds; torque times `lever`
  static constexpr double lever = 0.04;  // [m]
};

struct Wrench {
  Vec3 force = Vec3::Zero();   // [N]
  Vec3 torque = Vec3::Zero();  // [N m], about the object's origin
};

// Pose of the virtual object, followed from tick to tick.
class VirtualObject {
 public:
  // Forgets the object; the next fingertips define it.
  void release() { held_.fill(false); }

  bool held() const { return count() > 0; }
  const Vec3& position() const { return position_; }                  // [m]
  const Mat3& rotation() const { return rotation_; }                  // world from object
  const Vec3& velocity() const { return velocity_; }                  // [m/s]
  const Vec3& angular_velocity() const { return angular_velocity_; }  // [rad/s]

  // A finger that joins takes its place on the object as that lies now; one that leaves is
  // forgotten. At first touch the object is unturned, its origin amid the fingertips.
  void update(const HandKinematics& hand, const PerFinger<bool>& touching, const JointVector& dq) {
    const int fingers = hand.model().finger_count;
    if (!held()) begin(hand, touching);
    for (int f = 0; f < fingers; ++f) {
      if (touching[index(f)] && !held_[index(f)]) {
        place_[index(f)] = rotation_.transpose() * (hand.tip_position(f) - position_);
      }
      held_[index(f)] = touching[index(f)];
    }
    if (held()) follow(hand, dq);
  }

 private:
  static std::size_t index(int f) { return static_cast<std::size_t>(f); }

  int count() const { return static_cast<int>(std::count(held_.begin(), held_.end(), true)); }

  void begin(const HandKinematics& hand, const PerFinger<bool>& touching) {
    Vec3 sum = Vec3::Zero();
    int fingers = 0;
    for (int f = 0; f < hand.model().finger_count; ++f) {
      if (!touching[index(f)]) continue;
      sum += hand.tip_position(f);
      ++fingers;
    }
    rotation_.setIdentity();
    if (fingers > 0) position_ = sum / fingers;
  }

  // One Gauss-Newton step to the nearest rigid motion: ticks are short, and one is enough.
  void follow(const HandKinematics& hand, const JointVector& dq) {
    Vec3 gap = Vec3::Zero(), speed = Vec3::Zero();
    Vec3 middle = Vec3::Zero();
    PerFinger<Vec3> arm, tip_speed;
    const double n = count();
    for_each_held([&](int f) {
      arm[index(f)] = rotation_ * place_[index(f)];
      tip_speed[index(f)] = hand.tip_velocity(f, dq);
      middle += arm[index(f)] / n;
      gap += (hand.tip_position(f) - position_ - arm[index(f)]) / n;
      speed += tip_speed[index(f)] / n;
    });
    // Two fingers do not feel a turn about the line between them.
    constexpr double kUnfelt = 1e-6;  // [m2]
    Mat3 inertia = kUnfelt * Mat3::Identity();
    Vec3 turned = Vec3::Zero(), turning = Vec3::Zero();
    for_each_held([&](int f) {
      // Where the tip is now: an arm is turned as the object was a tick ago.
      const Vec3 r = hand.tip_position(f) - position_ - middle - gap;
      inertia += r.squaredNorm() * Mat3::Identity() - r * r.transpose();
      turned += r.cross(hand.tip_position(f) - position_ - arm[index(f)] - gap);
      turning += r.cross(tip_speed[index(f)] - speed);
    });
    Vec3 turn = turned;
    solve_symmetric<3>(inertia, turn);
    angular_velocity_ = turning;
    solve_symmetric<3>(inertia, angular_velocity_);
    velocity_ = speed - angular_velocity_.cross(middle);
    position_ += gap - turn.cross(middle);
    const double angle = turn.norm();
    if (angle > 0.0) {
      rotation_ = Eigen::AngleAxisd(angle, turn / angle).toRotationMatrix() * rotation_;
    }
  }

  template <typename F>
  void for_each_held(F f) const {
    for (int i = 0; i < kMaxFingers; ++i) {
      if (held_[index(i)]) f(i);
    }
  }

  PerFinger<bool> held_{};
  PerFinger<Vec3> place_{};  // [m], of the fingertips on the object, object frame
  Vec3 position_ = Vec3::Zero(), velocity_ = Vec3::Zero(), angular_velocity_ = Vec3::Zero();
  Mat3 rotation_ = Mat3::Identity();
};

class ObjectImpedance {
 public:
  ObjectImpedance(const ObjectImpedanceConfig& config, double period)
      : config_(config),
        load_blend_(period / (config.load_time + period)),
        integral_step_(config.integral_rate * period) {}

  // The object shall stay where it is, and nothing is known of its load.
  void take_hold(const VirtualObject& object) {
    origin_ = object.position();
    origin_rotation_ = object.rotation();
    load_ = lasting_ = {};
  }

  // Wrench that the pads together shall exert, with the offsets that `step` wants.
  Wrench wrench(const VirtualObject& object, const PerFinger<FingerForce>& finger,
                const TaskStep& step) {
    follow_load(object, finger);
    const double angle = step.turn.norm();
    const Eigen::AngleAxisd turn(angle, angle > 0.0 ? Vec3(step.turn / angle) : Vec3::UnitZ());
    const Eigen::AngleAxisd error(Mat3(turn * origin_rotation_ * object.rotation().transpose()));
    const Vec3 pull = config_.stiffness * (origin_ + step.offset - object.position());
    const Vec3 twist = config_.rotation_stiffness * error.angle() * error.axis();
    integrate(pull, twist);
    return {load_.force + lasting_.force + pull - config_.damping * object.velocity(),
            load_.torque + lasting_.torque + twist -
                config_.rotation_damping * object.angular_velocity()};
  }

  const Wrench& load() const { return load_; }

 private:
  void integrate(const Vec3& pull, const Vec3& twist) {
    lasting_.force += integral_step_ * pull;
    lasting_.torque += integral_step_ * twist;
    shorten(lasting_.force, config_.integral_max);
    shorten(lasting_.torque, config_.integral_max * config_.lever);
  }

  static void shorten(Vec3& v, double most) {
    const double norm = v.norm();
    if (norm > most) v *= most / norm;
  }

  void follow_load(const VirtualObject& object, const PerFinger<FingerForce>& finger) {
    Wrench felt;
    for (const FingerForce& f : finger) {
      if (!f.touching) continue;
      const Vec3 force = f.normal * f.direction + f.drag;
      felt.force += force;
      felt.torque += (f.point - object.position()).cross(force);
    }
    load_.force += load_blend_ * (felt.force - load_.force);
    load_.torque += load_blend_ * (felt.torque - load_.torque);
  }

  ObjectImpedanceConfig config_;
  double load_blend_, integral_step_;
  Vec3 origin_ = Vec3::Zero();  // [m], where the object was taken
  Mat3 origin_rotation_ = Mat3::Identity();
  Wrench load_, lasting_;
};

}  // namespace handloop
