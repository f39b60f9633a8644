// What one contact can exert: a friction cone between plate and lid, cut by torque limits.
//
// The force of a pad must leave the joints of its finger within what is left of their torque:
// low <= arm . force <= high. At most three limits fix the nearest force. They are found one by
// one: the limit that is passed most enters, and of the limits before it those that still matter
// stay (the scheme of LP-type problems, Matousek, Sharir and Welzl 1996). The distance grows with
// each that enters, so none can cycle.
#pragma once

#include "handloop/cone_on_limits.hpp"

namespace handloop {

class ContactForceSet {
 public:
  using RowVector = std::array<double, kMaxTorqueRows>;

  void assign(const GraspContact& contact, WorkBudget& work) {
    if (contact.row_count != this->contact().row_count) forget();
    cone_.assign(contact);
    relaxed_ = false;
    if (contact.row_count > 0) make_room(work);
  }

  // Forgets which limits held the last force.
  void forget() { active_.count = at_least_.count = 0; }

  const GraspContact& contact() const { return cone_.contact(); }
  // No force between plate and lid met the torque rows, so they were widened.
  bool relaxed() const { return relaxed_; }

  // The nearest force of the set; where the work is spent before it is found, another one.
  void project(const Vec3& point, ForceProjection& out, WorkBudget& work) {
    work.spend(kProjection);
    project_on_cone(contact(), point, out);
    if (contact().row_count == 0) return;
    const Vec3 on_cone = out.force;
    const ActiveLimits before = active_;
    if (cut(point, out, work)) return;
    out = {pulled_in(on_cone), Mat3::Zero()};
    active_ = before;
  }

  // A force of the set near `force`, by less work than for the nearest.
  Vec3 admit(const Vec3& force) const {
    ForceProjection p;
    project_on_cone(contact(), force, p);
    return contact().row_count > 0 ? pulled_in(p.force) : p.force;
  }

  // No force of the set has more along `pull` than this. The limits that hold the last force are
  // counted by their prices, the others not at all.
  double most_along(Vec3 pull) const {
    double most = 0.0;
    for (int i = 0; i < active_.count; ++i) {
      const ConeOnLimits::Limit l = cone_.limit(active_.side[index(i)]);
      const double price = std::max(0.0, contact().weight * active_.price[index(i)]);
      pull -= price * l.arm;
      most += price * l.limit;
    }
    const GraspContact& c = contact();
    const double normal = pull.dot(c.normal);
    const double slope = normal + c.friction * (pull - normal * c.normal).norm();
    return most + slope * (slope > 0.0 ? c.force_max : c.force_min);
  }

  // Multipliers of the rows as they were given, in the unit of the weighted cost.
  RowVector prices() const {
    RowVector price{};
    for (int i = 0; i < active_.count; ++i) {
      const LimitSide side = active_.side[index(i)];
      price[index(side.row)] =
          side.sign * contact().weight * active_.price[index(i)] * cone_.shorten(side.row);
    }
    return price;
  }

 private:
  static constexpr int kProjection = 2;  // work, besides that of the limits
  static constexpr int kMaxEntries = 4 * kMaxTorqueRows;

  static constexpr std::size_t index(int k) { return static_cast<std::size_t>(k); }

  // Touch comes first: rows that cannot be met let the least force through.
  void make_room(WorkBudget& work) {
    const Vec3 least = contact().force_min * contact().normal;
    ForceProjection nearest;
    nearest.force = least;
    std::swap(active_, at_least_);
    relaxed_ = !cut(least, nearest, work);
    std::swap(active_, at_least_);
    inner_ = relaxed_ ? least : nearest.force;
    if (relaxed_) cone_.let_through(least);
  }

  // The cone holds all of the way from a force of the set to one of its own; the limits hold part.
  Vec3 pulled_in(const Vec3& force) const {
    return inner_ + cone_.way_to(force, inner_) * (force - inner_);
  }

  // From the nearest force of the cone to that of the whole set. False: the set is empty, or the
  // work is spent.
  bool cut(const Vec3& point, ForceProjection& out, WorkBudget& work) {
    cone_.set_slack(point);
    LimitSide worst;
    if (!cone_.most_passed(out.force, worst)) {
      active_.count = 0;
      return true;
    }
    if (!work.over() && still_held(point, out, work)) return true;
    active_.count = 0;
    for (int entry = 0; entry < kMaxEntries && !work.over(); ++entry) {
      if (!enter(point, worst, out, work)) return false;
      if (!cone_.most_passed(out.force, worst)) return true;
    }
    return false;
  }

  // Whether the limits that held the last force hold this one, too.
  bool still_held(const Vec3& point, ForceProjection& out, WorkBudget& work) {
    ForceProjection nearest;
    if (active_.count == 0 || !cone_.nearest(point, active_, nearest, work)) return false;
    for (int i = 0; i < active_.count; ++i) {
      if (active_.price[index(i)] < 0.0) return false;
    }
    LimitSide other;
    if (cone_.most_passed(nearest.force, other)) return false;
    out = nearest;
    return true;
  }

  // Takes a limit that is passed among the active ones, and lets go of those that it makes idle:
  // with it stays the part of them that is needed. False: the limits leave no force.
  bool enter(const Vec3& point, LimitSide side, ForceProjection& out, WorkBudget& work) {
    const ActiveLimits before = active_;
    double nearest = std::numeric_limits<double>::infinity();
    const auto consider = [&](const ActiveLimits& limits) {
      ActiveLimits held = limits;
      ForceProjection p;
      if (!cone_.nearest(point, held, p, work) || !cone_.meets(before, p.force)) return false;
      const double distance = (p.force - point).squaredNorm();
      if (distance >= nearest) return true;
      nearest = distance;
      out = p;
      active_ = held;
      return true;
    };
    if (consider({1, {side}, {}})) return true;
    for (int i = 0; i < before.count; ++i) {
      const LimitSide first = before.side[index(i)];
      consider({2, {side, first}, {}});
      for (int j = 0; j < i; ++j) consider({3, {side, first, before.side[index(j)]}, {}});
    }
    return nearest < std::numeric_limits<double>::infinity();
  }

  ConeOnLimits cone_;
  bool relaxed_ = false;
  Vec3 inner_ = Vec3::Zero();       // [N], a force of the set
  ActiveLimits active_, at_least_;  // of the last force, and of the one nearest to the least
};

}  // namespace handloop
