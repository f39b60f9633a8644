// What one contact can exert: a friction cone between plate and lid, cut by torque limits.
//
// The force of a pad must leave the joints of its finger within what is left of their torque:
// low <= arm . force <= high. At most three limits fix the nearest force. They are found one by
// one: the limit that is passed most enters, and of the limits before it those that still matter
// stay (the scheme of LP-type problems, Matousek, Sharir and Welzl 1996). The distance grows with
// each that enters, so none can cycle.
#pragma once

#include "handloop/cone_section.hpp"

namespace handloop {

// A contact's set of forces, with the torque rows at unit length.
class ContactForceSet {
 public:
  using RowVector = std::array<double, kMaxTorqueRows>;

  void assign(const GraspContact& contact) {
    if (contact.row_count != contact_.row_count) forget();
    contact_ = contact;
    relaxed_ = false;
    for (int k = 0; k < contact_.row_count; ++k) {
      shorten_[index(k)] = scale(contact_.row[index(k)]);
    }
    if (contact_.row_count > 0) make_room();
  }

  // Forgets which limits held the last force.
  void forget() { active_.count = 0; }

  const GraspContact& contact() const { return contact_; }
  // No force between plate and lid met the torque rows, so they were widened.
  bool relaxed() const { return relaxed_; }

  void project(const Vec3& point, ForceProjection& out) {
    project_on_cone(contact_, point, out);
    if (contact_.row_count > 0) cut(point, out);
  }

  // No force of the set has more along `pull` than this. The limits that hold the last force are
  // counted by their prices, the others not at all.
  double most_along(Vec3 pull) const {
    double most = 0.0;
    for (int i = 0; i < active_.count; ++i) {
      const Limit l = limit(active_.side[index(i)]);
      const double price = std::max(0.0, contact_.weight * active_.price[index(i)]);
      pull -= price * l.arm;
      most += price * l.limit;
    }
    const double normal = pull.dot(contact_.normal);
    const double slope = normal + contact_.friction * (pull - normal * contact_.normal).norm();
    return most + slope * (slope > 0.0 ? contact_.force_max : contact_.force_min);
  }

  // Multipliers of the rows as they were given, in the unit of the weighted cost.
  RowVector prices() const {
    RowVector price{};
    for (int i = 0; i < active_.count; ++i) {
      const Side side = active_.side[index(i)];
      price[index(side.row)] =
          side.sign * contact_.weight * active_.price[index(i)] * shorten_[index(side.row)];
    }
    return price;
  }

 private:
  // One side of a row, upper or lower: sign * arm . force <= limit.
  struct Side {
    int row = 0;
    double sign = 1.0;
  };
  struct Limit {
    Vec3 arm;
    double limit;
  };
  // Limits that a force lies on, and what each of them costs.
  struct ActiveLimits {
    int count = 0;
    std::array<Side, 3> side{};
    std::array<double, 3> price{};
  };

  static constexpr double kSlack = 1e-10;  // of the lid
  static constexpr int kMaxEntries = 4 * kMaxTorqueRows;

  static constexpr std::size_t index(int k) { return static_cast<std::size_t>(k); }

  // To an arm of one. Returns the factor.
  static double scale(TorqueRow& row) {
    const double length = row.arm.norm();
    if (!(length > 0.0)) return 1.0;
    row = {row.arm / length, row.low / length, row.high / length};
    return 1.0 / length;
  }

  Limit limit(Side side) const {
    const TorqueRow& row = contact_.row[index(side.row)];
    return {side.sign * row.arm, side.sign > 0.0 ? row.high : -row.low};
  }

  bool passed(Side side, const Vec3& force) const {
    const Limit l = limit(side);
    return l.arm.dot(force) > l.limit + slack_;
  }

  // The side that the force passes most. False: none.
  bool most_passed(const Vec3& force, Side& worst) const {
    double most = slack_;
    for (int k = 0; k < contact_.row_count; ++k) {
      const TorqueRow& row = contact_.row[index(k)];
      const double torque = row.arm.dot(force);
      const double beyond = std::max(torque - row.high, row.low - torque);
      if (beyond <= most) continue;
      most = beyond;
      worst = {k, torque > row.high ? 1.0 : -1.0};
    }
    return most > slack_;
  }

  // What counts as met: rounding grows with the distance that the force is brought.
  void set_slack(const Vec3& point) {
    slack_ = kSlack * (1.0 + contact_.force_max) + 1e-14 * point.norm();
  }

  // Touch comes first: rows that cannot be met let the least force through.
  void make_room() {
    const Vec3 least = contact_.force_min * contact_.normal;
    set_slack(least);
    ForceProjection nearest;
    nearest.force = least;
    const ActiveLimits before = active_;
    relaxed_ = !cut(least, nearest);
    active_ = before;
    if (!relaxed_) return;
    for (int k = 0; k < contact_.row_count; ++k) {
      TorqueRow& row = contact_.row[index(k)];
      const double torque = row.arm.dot(least);
      row.low = std::min(row.low, torque);
      row.high = std::max(row.high, torque);
    }
  }

  // From the nearest force of the cone to that of the whole set. False: the set is empty.
  bool cut(const Vec3& point, ForceProjection& out) {
    set_slack(point);
    Side worst;
    if (!most_passed(out.force, worst)) {
      forget();
      return true;
    }
    if (still_held(point, out)) return true;
    forget();
    for (int entry = 0; entry < kMaxEntries; ++entry) {
      if (!enter(point, worst, out)) return false;
      if (!most_passed(out.force, worst)) return true;
    }
    return false;
  }

  // Whether the limits that held the last force hold this one, too.
  bool still_held(const Vec3& point, ForceProjection& out) {
    ForceProjection nearest;
    if (active_.count == 0 || !on_limits(point, active_, nearest)) return false;
    for (int i = 0; i < active_.count; ++i) {
      if (active_.price[index(i)] < 0.0) return false;
    }
    Side other;
    if (most_passed(nearest.force, other)) return false;
    out = nearest;
    return true;
  }

  // Takes a limit that is passed among the active ones, and lets go of those that it makes idle:
  // with it stays the part of them that is needed. False: the limits leave no force.
  bool enter(const Vec3& point, Side side, ForceProjection& out) {
    const ActiveLimits before = active_;
    double nearest = std::numeric_limits<double>::infinity();
    const auto consider = [&](const ActiveLimits& limits) {
      ActiveLimits held = limits;
      ForceProjection p;
      if (!on_limits(point, held, p) || !meets(before, p.force)) return false;
      const double distance = (p.force - point).squaredNorm();
      if (distance >= nearest) return true;
      nearest = distance;
      out = p;
      active_ = held;
      return true;
    };
    if (consider({1, {side}, {}})) return true;
    for (int i = 0; i < before.count; ++i) {
      const Side first = before.side[index(i)];
      consider({2, {side, first}, {}});
      for (int j = 0; j < i; ++j) consider({3, {side, first, before.side[index(j)]}, {}});
    }
    return nearest < std::numeric_limits<double>::infinity();
  }

  bool meets(const ActiveLimits& limits, const Vec3& force) const {
    for (int i = 0; i < limits.count; ++i) {
      if (passed(limits.side[index(i)], force)) return false;
    }
    return true;
  }

  // Nearest force of the cone on all these limits at once, and their prices. False: none.
  bool on_limits(const Vec3& point, ActiveLimits& limits, ForceProjection& out) const {
    if (limits.count == 1) return on_plane(point, limits, out);
    if (limits.count == 2) return on_line(point, limits, out);
    return on_point(point, limits, out);
  }

  bool on_plane(const Vec3& point, ActiveLimits& limits, ForceProjection& out) const {
    const Limit l = limit(limits.side[0]);
    const TorqueOfPrice torque_at(contact_, point, l.arm);
    const double price = price_of_limit(torque_at, contact_, l.limit, 0.1 * slack_);
    if (!std::isfinite(price)) return false;
    limits.price[0] = price;
    project_on_cone(contact_, point - price * l.arm, out);
    const Vec3 moved = out.jacobian * l.arm;
    const double slope = l.arm.dot(moved);
    if (slope > 1e-14) out.jacobian -= moved * (moved / slope).transpose();
    return true;
  }

  bool on_line(const Vec3& point, ActiveLimits& limits, ForceProjection& out) const {
    const Limit a = limit(limits.side[0]), b = limit(limits.side[1]);
    Vec3 along = a.arm.cross(b.arm);
    const double sine = along.squaredNorm();
    if (sine < 1e-12) return false;
    const Vec3 start = (a.limit * b.arm.cross(along) + b.limit * along.cross(a.arm)) / sine;
    along /= std::sqrt(sine);
    Stretch stretch;
    clip_by_bounds(contact_, start, along, stretch);
    clip_by_mantle(contact_, start, along, stretch);
    if (stretch.empty()) return false;
    const double free = along.dot(point - start);
    const double t = std::clamp(free, stretch.low, stretch.high);
    out.force = start + t * along;
    out.jacobian = t == free ? Mat3(along * along.transpose()) : Mat3(Mat3::Zero());
    const Vec3 third = t == free ? along : outward(out.force);
    set_prices(point - out.force, a.arm, b.arm, third, limits);
    return true;
  }

  bool on_point(const Vec3& point, ActiveLimits& limits, ForceProjection& out) const {
    const Limit a = limit(limits.side[0]), b = limit(limits.side[1]), c = limit(limits.side[2]);
    const Vec3 normal = b.arm.cross(c.arm);
    const double volume = a.arm.dot(normal);
    if (std::abs(volume) < 1e-9) return false;
    out.force =
        (a.limit * normal + b.limit * c.arm.cross(a.arm) + c.limit * a.arm.cross(b.arm)) / volume;
    out.jacobian.setZero();
    set_prices(point - out.force, a.arm, b.arm, c.arm, limits);
    return in_cone(out.force);
  }

  // What the limits' arms, and a third direction, have to pull to hold the force off the point.
  static void set_prices(const Vec3& pull, const Vec3& a, const Vec3& b, const Vec3& c,
                         ActiveLimits& limits) {
    const Vec3 normal = b.cross(c);
    const double volume = a.dot(normal);
    limits.price = {pull.dot(normal) / volume, pull.dot(c.cross(a)) / volume,
                    pull.dot(a.cross(b)) / volume};
  }

  bool in_cone(const Vec3& force) const {
    const double normal = force.dot(contact_.normal);
    return normal >= contact_.force_min - slack_ && normal <= contact_.force_max + slack_ &&
           (force - normal * contact_.normal).norm() <= contact_.friction * normal + slack_;
  }

  // Where `force` lies on the surface of the cone, its outward normal.
  Vec3 outward(const Vec3& force) const {
    const double normal = force.dot(contact_.normal);
    if (std::abs(normal - contact_.force_min) <= slack_) return -contact_.normal;
    if (std::abs(normal - contact_.force_max) <= slack_) return contact_.normal;
    const Vec3 tangent = force - normal * contact_.normal;
    return (tangent.normalized() - contact_.friction * contact_.normal).normalized();
  }

  GraspContact contact_;
  bool relaxed_ = false;
  double slack_ = 0.0;   // [N], what counts as met
  ActiveLimits active_;  // of the last force
  RowVector shorten_{};  // [1/m], from a row as given to unit length
};

}  // namespace handloop
