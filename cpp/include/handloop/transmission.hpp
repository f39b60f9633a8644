// From joint torques to what each motor shall do, and back.
//
//   direct    every motor turns its own joint
//   coupled   q_motor = C q_joint, hence tau_joint = C^T tau_motor
//   tendons   motors pull at tendons, against each other or against springs, or turn a joint
//
// What the motors do to the joints is linear in their efforts: tau_joint = P effort + springs. With
// tendons P is minus the moment arms, friction included (tendon.hpp). Efforts are chosen within
// their bounds and nearest to rest (tension.hpp), digit by digit: each has motors of its own. They
// pull at the wrist, too, on their way; the wrist's motors are chosen last and make up for that.
#pragma once

#include <numeric>
#include <vector>

#include "handloop/tendon.hpp"
#include "handloop/tension.hpp"

namespace handloop {

enum class TransmissionKind : std::uint8_t { kDirect, kCoupled, kTendons };

struct TransmissionConfig {
  TransmissionKind kind = TransmissionKind::kDirect;
  EffortBounds bounds;              // [N] or [N m], one per motor; direct: empty for none
  ActuatorMatrix coupling;          // coupled: q_motor = C q_joint, motors x joints
  TendonSet tendons;                // tendons: one per motor, empty where it turns a joint
  std::vector<int> joint_of_motor;  // tendons: the joint it turns, -1 where it pulls a tendon
  CapstanFriction friction;         // tendons: what is believed
  JointVector spring_stiffness;     // [N m/rad], empty for none
  JointVector spring_reference;     // [rad], where the springs are at rest
};

class Transmission {
 public:
  Transmission(const HandModel& hand, const TransmissionConfig& config)
      : kind_(config.kind),
        bounds_(config.bounds),
        friction_(config.friction),
        tendons_(hand, config.tendons),
        spring_stiffness_(config.spring_stiffness),
        spring_reference_(config.spring_reference),
        spring_torque_(JointVector::Zero(hand.joint_count)) {
    lay_out(hand, config);
    if (kind_ != TransmissionKind::kDirect) find_blocks(hand, config);
    effort_ = ActuatorVector::Zero(motor_count());
  }

  int motor_count() const { return motor_count_; }

  // Forgets where the last search for efforts ended.
  void reset() {
    for (Block& block : block_) block.solver.reset();
    saturated_ = false;
  }

  // Takes the moment arms and the springs to a posture; the three below are for it.
  void update(const HandKinematics& hand, const JointVector& q) {
    if (kind_ == TransmissionKind::kTendons) tendons_.update(hand);
    if (spring_stiffness_.size() > 0) {
      spring_torque_ = spring_stiffness_.cwiseProduct(spring_reference_ - q);
    }
  }

  // Efforts [N] or [N m] that give the joint torques [N m] at joint velocities dq [rad/s]; the
  // nearest torques where the bounds do not allow those.
  const ActuatorVector& efforts(const JointVector& torque, const JointVector& dq) {
    saturated_ = false;
    if (kind_ == TransmissionKind::kDirect) {
      effort_ = torque;
      if (bounds_.min.size() > 0) {
        effort_ = effort_.cwiseMax(bounds_.min).cwiseMin(bounds_.max);
        saturated_ = effort_ != torque;
      }
      return effort_;
    }
    refresh(dq);
    for (Block& block : block_) solve(block, torque);
    return effort_;
  }

  // What the motors and the springs do to the joints, [N m].
  JointVector torques(const ActuatorVector& effort, const JointVector& dq) {
    if (kind_ == TransmissionKind::kDirect) return effort;
    refresh(dq);
    JointVector torque = spring_torque_;
    torque.noalias() += pull_.transpose() * effort;
    return torque;
  }

  // Speeds of the motors [rad/s] or of the tendons they reel in [m/s]. Friction takes of the
  // tension, not of the way.
  ActuatorVector speeds(const JointVector& dq) const {
    if (kind_ == TransmissionKind::kDirect) return dq;
    ActuatorVector speed = pull_ * dq;
    for (const int m : tendon_motor_) speed[m] = -tendons_.velocity(m, dq);
    return speed;
  }

  // The last efforts give less than the wanted torques.
  bool saturated() const { return saturated_; }
  // Whether any motor is there for a joint.
  bool drives(int joint) const {
    return kind_ == TransmissionKind::kDirect ||
           std::any_of(block_.begin(), block_.end(), [joint](const Block& block) {
             return std::count(block.joint.begin(), block.joint.end(), joint) > 0;
           });
  }
  const TendonKinematics& tendons() const { return tendons_; }
  const EffortBounds& bounds() const { return bounds_; }

 private:
  // Joints and motors that have to be solved for together.
  struct Block {
    std::vector<int> joint, motor;
    bool stem;  // several fingers hang on it
    TensionSolver solver;
    PullMatrix pull;
    JointVector torque;
  };

  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }

  // What does not change with the posture.
  void lay_out(const HandModel& hand, const TransmissionConfig& config) {
    motor_count_ = hand.joint_count;
    if (kind_ == TransmissionKind::kCoupled) pull_ = config.coupling;
    if (kind_ == TransmissionKind::kTendons) {
      pull_ = ActuatorMatrix::Zero(config.tendons.count, hand.joint_count);
      for (int m = 0; m < config.tendons.count; ++m) {
        const int joint = config.joint_of_motor[index(m)];
        if (joint >= 0)
          pull_(m, joint) = 1.0;
        else
          tendon_motor_.push_back(m);
      }
    }
    if (kind_ != TransmissionKind::kDirect) motor_count_ = static_cast<int>(pull_.rows());
  }

  void refresh(const JointVector& dq) {
    if (kind_ != TransmissionKind::kTendons) return;
    const ActuatorMatrix& arms = tendons_.moment_arms(dq, friction_);
    for (const int m : tendon_motor_) pull_.row(m) = -arms.row(m);
  }

  // --- blocks -------------------------------------------------------------------------------

  // Whether a motor acts on a joint in some posture.
  bool acts(const TransmissionConfig& config, int motor, int joint) const {
    const bool pulls =
        kind_ == TransmissionKind::kTendons && config.tendons.tendon[index(motor)].point_count > 0;
    return pulls ? tendons_.spans(motor, joint) : pull_(motor, joint) != 0.0;
  }

  void find_blocks(const HandModel& hand, const TransmissionConfig& config) {
    const std::vector<bool> stem = find_stem(hand);
    std::vector<std::vector<int>> joints_of(index(motor_count_));
    std::vector<int> group(index(hand.joint_count));
    std::iota(group.begin(), group.end(), 0);
    for (int m = 0; m < motor_count_; ++m) {
      joints_of[index(m)] = own_joints(hand, config, stem, m);
      for (const int j : joints_of[index(m)]) merge(group, joints_of[index(m)][0], j);
    }
    for (const bool wanted : {false, true}) {
      for (int j = 0; j < hand.joint_count; ++j) {
        if (group[index(j)] != j || stem[index(j)] != wanted || !driven(group, joints_of, j))
          continue;
        add_block(group, joints_of, j, wanted);
      }
    }
  }

  // Joints that do not move exactly one finger.
  static std::vector<bool> find_stem(const HandModel& hand) {
    std::vector<int> users(index(hand.joint_count));
    for (int f = 0; f < hand.finger_count; ++f) {
      for (int i = hand.tip[index(f)].link; i >= 0; i = hand.link[index(i)].parent) {
        ++users[index(i)];
      }
    }
    std::vector<bool> stem;
    for (const int count : users) stem.push_back(count != 1);
    return stem;
  }

  // The joints that a motor is there for: those of a finger if it acts on any, else of the stem.
  std::vector<int> own_joints(const HandModel& hand, const TransmissionConfig& config,
                              const std::vector<bool>& stem, int motor) const {
    std::array<std::vector<int>, 2> joints;
    for (int j = 0; j < hand.joint_count; ++j) {
      if (acts(config, motor, j)) joints[stem[index(j)]].push_back(j);
    }
    return joints[0].empty() ? joints[1] : joints[0];
  }

  static void merge(std::vector<int>& group, int a, int b) {
    const int kept = std::min(group[index(a)], group[index(b)]);
    const int gone = std::max(group[index(a)], group[index(b)]);
    std::replace(group.begin(), group.end(), gone, kept);
  }

  static bool driven(const std::vector<int>& group, const std::vector<std::vector<int>>& joints_of,
                     int first) {
    return std::any_of(joints_of.begin(), joints_of.end(), [&](const std::vector<int>& own) {
      return !own.empty() && group[index(own[0])] == first;
    });
  }

  static ActuatorVector of(const ActuatorVector& all, const std::vector<int>& motor) {
    ActuatorVector own(static_cast<Eigen::Index>(motor.size()));
    std::transform(motor.begin(), motor.end(), own.begin(), [&all](int m) { return all[m]; });
    return own;
  }

  void add_block(const std::vector<int>& group, const std::vector<std::vector<int>>& joints_of,
                 int first, bool stem) {
    std::vector<int> joint, motor;
    for (int j = 0; j < static_cast<int>(group.size()); ++j) {
      if (group[index(j)] == first) joint.push_back(j);
    }
    for (int m = 0; m < motor_count_; ++m) {
      const std::vector<int>& own = joints_of[index(m)];
      if (!own.empty() && group[index(own[0])] == first) motor.push_back(m);
    }
    const EffortBounds bounds{of(bounds_.min, motor), of(bounds_.rest, motor),
                              of(bounds_.max, motor)};
    const auto joints = static_cast<Eigen::Index>(joint.size());
    const auto motors = static_cast<Eigen::Index>(motor.size());
    block_.push_back({joint, motor, stem, TensionSolver(bounds, joints), PullMatrix(joints, motors),
                      JointVector(joints)});
  }

  // --- efforts ------------------------------------------------------------------------------

  void solve(Block& block, const JointVector& torque) {
    for (std::size_t j = 0; j < block.joint.size(); ++j) {
      const auto row = static_cast<Eigen::Index>(j);
      const int joint = block.joint[j];
      block.torque[row] = torque[joint] - spring_torque_[joint];
      if (block.stem) block.torque[row] -= torque_of_fingers(joint);
      for (std::size_t m = 0; m < block.motor.size(); ++m) {
        block.pull(row, static_cast<Eigen::Index>(m)) = pull_(block.motor[m], joint);
      }
    }
    const ActuatorVector& effort = block.solver.solve(block.pull, block.torque);
    for (std::size_t m = 0; m < block.motor.size(); ++m) {
      effort_[block.motor[m]] = effort[static_cast<Eigen::Index>(m)];
    }
    saturated_ = saturated_ || !block.solver.reached();
  }

  // What the efforts chosen for the fingers do to a joint of the stem, [N m].
  double torque_of_fingers(int joint) const {
    double sum = 0.0;
    for (const Block& block : block_) {
      if (block.stem) break;
      for (const int m : block.motor) sum += pull_(m, joint) * effort_[m];
    }
    return sum;
  }

  TransmissionKind kind_;
  EffortBounds bounds_;
  CapstanFriction friction_;
  TendonKinematics tendons_;
  JointVector spring_stiffness_, spring_reference_, spring_torque_;
  int motor_count_ = 0;
  ActuatorMatrix pull_;            // joint torque per effort, motors x joints
  std::vector<int> tendon_motor_;  // those that pull tendons
  std::vector<Block> block_;       // the fingers', then the stem's
  ActuatorVector effort_;
  bool saturated_ = false;
};

}  // namespace handloop
