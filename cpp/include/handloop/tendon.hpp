// Tendons: how long they are, how they pull at the joints, and what friction leaves of that.
//
// A tendon is a chain of straight segments between points that are fixed to links; its motor pulls
// at the first point. Its moment arm about a joint is the change of its length with the joint's
// position (An et al. 1983). Where it bends, guides take some of its tension, more the further it
// is from the motor: T = T_motor exp(-mu theta sign(v)) after bends that sum to theta, v > 0 while
// the motor pulls it in (Euler-Eytelwein; in tendon-driven hands: Palli et al. 2012).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "handloop/hand_model.hpp"

namespace handloop {

inline constexpr int kMaxTendonPoints = 12;

struct TendonPoint {
  int link = -1;                 // link that it is fixed to, -1 for the base
  Vec3 position = Vec3::Zero();  // [m], in the frame of that link
};

// A path with no points is no tendon; its row of the moment arms is zero.
struct Tendon {
  int point_count = 0;
  std::array<TendonPoint, kMaxTendonPoints> point{};
};

struct TendonSet {
  int count = 0;
  std::array<Tendon, kMaxActuators> tendon{};
};

struct CapstanFriction {
  double coefficient = 0.0;  // mu between tendon and guides
  double velocity = 0.01;    // [m/s] of the tendon, over which friction turns round: tanh(v / this)
};

// One row per motor, one column per joint.
using ActuatorMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor,
                                     kMaxActuators, kMaxJoints>;

// A segment pulls only at the joints between its two ends, so the work goes along a list of those.
class TendonKinematics {
 public:
  TendonKinematics(const HandModel& hand, const TendonSet& tendons)
      : moment_arms_(ActuatorMatrix::Zero(tendons.count, hand.joint_count)) {
    for (int t = 0; t < tendons.count; ++t) add(hand, tendons.tendon[static_cast<std::size_t>(t)]);
  }

  int count() const { return static_cast<int>(tendon_.size()); }

  void update(const HandKinematics& hand) {
    for (Point& p : point_) {
      if (p.link >= 0) p.world = hand.link_position(p.link) + hand.link_rotation(p.link) * p.local;
    }
    for (Segment& s : segment_) {
      const Vec3 span = point_[s.point + 1].world - point_[s.point].world;
      s.length = span.norm();
      s.direction = s.length > kNoLength ? Vec3(span / s.length) : Vec3(Vec3::Zero());
    }
    for (Crossing& c : crossing_) c.arm = arm(hand, c);
    add_up(moment_arms_, [](const Segment&) { return 1.0; });
  }

  double length(int tendon) const {  // [m]
    const Path& path = tendon_[index(tendon)];
    double sum = 0.0;
    for (std::size_t s = path.segment_begin; s < path.segment_end; ++s) sum += segment_[s].length;
    return sum;
  }

  // Whether the length depends on a joint.
  bool spans(int tendon, int joint) const {
    return std::any_of(crossing_.begin(), crossing_.end(),
                       [=](const Crossing& c) { return c.tendon == tendon && c.joint == joint; });
  }

  // d length / d q, [m], tendons x joints: positive where a pull turns the joint backwards.
  const ActuatorMatrix& moment_arms() const { return moment_arms_; }

  // Rate at which a tendon grows longer, [m/s].
  double velocity(int tendon, const JointVector& dq) const {
    return moment_arms_.row(tendon).dot(dq);
  }

  // Sum of the angles at which a tendon bends on its way, [rad].
  double wrap(int tendon) const {
    const Path& path = tendon_[index(tendon)];
    double sum = 0.0;
    for (std::size_t s = path.segment_begin + 1; s < path.segment_end; ++s) sum += bend(s);
    return sum;
  }

  // The moment arms that the tension at the motor seems to have, since friction takes from it:
  // sum_k exp(-mu theta_k sign(v)) d L_k / d q over the segments k.
  const ActuatorMatrix& moment_arms(const JointVector& dq, const CapstanFriction& friction) {
    if (friction.coefficient <= 0.0) return moment_arms_;
    if (effective_arms_.size() == 0) effective_arms_ = moment_arms_;
    for (int t = 0; t < count(); ++t) {
      lose_tension(tendon_[index(t)], friction, -velocity(t, dq));
    }
    add_up(effective_arms_, [](const Segment& s) { return s.tension; });
    return effective_arms_;
  }

 private:
  static constexpr double kNoLength = 1e-9;  // [m]

  struct Point {
    int link;
    Vec3 local, world;
  };
  struct Segment {
    std::size_t point;     // where it begins; it ends at the next one
    bool crosses;          // a joint lies between its ends
    double length = 0.0;   // [m]
    double tension = 1.0;  // of that at the motor
    Vec3 direction = Vec3::Zero();
  };
  // A joint that turns one end of a segment against the other.
  struct Crossing {
    int tendon, joint;
    std::size_t segment;
    bool hinge, moves_end;  // of the segment; else it moves its beginning
    double arm = 0.0;       // [m]
  };
  struct Path {
    std::size_t segment_begin, segment_end;
  };

  static constexpr std::size_t index(int i) { return static_cast<std::size_t>(i); }

  void add(const HandModel& hand, const Tendon& tendon) {
    const std::size_t begin = segment_.size();
    for (int i = 0; i < tendon.point_count; ++i) {
      const TendonPoint& p = tendon.point[index(i)];
      const Vec3 world = hand.base_position + hand.base_rotation * p.position;
      point_.push_back({p.link, p.position, world});
      if (i > 0) add_segment(hand, tendon.point[index(i - 1)].link, p.link);
    }
    tendon_.push_back({begin, segment_.size()});
  }

  void add_segment(const HandModel& hand, int from, int to) {
    const std::size_t crossings = crossing_.size();
    for (int j = 0; j < hand.joint_count; ++j) {
      const bool moves_begin = moves(hand, j, from), moves_end = moves(hand, j, to);
      if (moves_begin == moves_end) continue;
      const bool hinge = hand.link[index(j)].kind == JointKind::kHinge;
      crossing_.push_back({count(), j, segment_.size(), hinge, moves_end});
    }
    segment_.push_back({point_.size() - 2, crossing_.size() > crossings});
  }

  static bool moves(const HandModel& hand, int joint, int link) {
    while (link > joint) link = hand.link[index(link)].parent;
    return link == joint;
  }

  double arm(const HandKinematics& hand, const Crossing& c) const {
    const Segment& s = segment_[c.segment];
    const Vec3& end = point_[s.point + c.moves_end].world;
    const Vec3& axis = hand.joint_axis(c.joint);
    const double along = c.hinge ? axis.dot((end - hand.joint_position(c.joint)).cross(s.direction))
                                 : axis.dot(s.direction);
    return c.moves_end ? along : -along;
  }

  // Sums the crossings into the entries they have in `arms`; the others are zero from construction.
  template <typename Weight>
  void add_up(ActuatorMatrix& arms, Weight weight) const {
    for (const Crossing& c : crossing_) arms(c.tendon, c.joint) = 0.0;
    for (const Crossing& c : crossing_) {
      arms(c.tendon, c.joint) += weight(segment_[c.segment]) * c.arm;
    }
  }

  // Between a segment and the one before it, [rad].
  double bend(std::size_t segment) const {
    const double cosine = segment_[segment - 1].direction.dot(segment_[segment].direction);
    return std::acos(std::clamp(cosine, -1.0, 1.0));
  }

  // Sets the part of the motor's tension that is left in each segment; `speed` [m/s] towards it.
  void lose_tension(const Path& path, const CapstanFriction& friction, double speed) {
    const double rate = friction.coefficient * std::tanh(speed / friction.velocity);
    double wrap = 0.0;
    for (std::size_t s = path.segment_begin; s < path.segment_end; ++s) {
      if (s > path.segment_begin) wrap += bend(s);
      if (segment_[s].crosses) segment_[s].tension = std::exp(-rate * wrap);
    }
  }

  std::vector<Point> point_;
  std::vector<Segment> segment_;
  std::vector<Crossing> crossing_;
  std::vector<Path> tendon_;
  ActuatorMatrix moment_arms_, effective_arms_;
};

}  // namespace handloop
