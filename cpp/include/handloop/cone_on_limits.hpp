// The nearest force of a friction cone that lies on torque limits: on a plane, a line or a point.
#pragma once

#include "handloop/cone_section.hpp"

namespace handloop {

// One side of a torque row, upper or lower: sign * arm . force <= limit.
struct LimitSide {
  int row = 0;
  double sign = 1.0;
};

// Limits that a force lies on, and what each of them costs.
struct ActiveLimits {
  int count = 0;
  std::array<LimitSide, 3> side{};
  std::array<double, 3> price{};
};

// The cone of a contact and its torque rows, at unit length.
class ConeOnLimits {
 public:
  struct Limit {
    Vec3 arm;
    double limit;
  };

  void assign(const GraspContact& contact) {
    contact_ = contact;
    for (int k = 0; k < contact_.row_count; ++k) {
      shorten_[index(k)] = scale(contact_.row[index(k)]);
    }
  }

  const GraspContact& contact() const { return contact_; }
  // From a row as given to unit length, [1/m].
  double shorten(int row) const { return shorten_[index(row)]; }

  // What counts as met: rounding grows with the distance that a point is brought.
  void set_slack(const Vec3& point) {
    slack_ = kSlack * (1.0 + contact_.force_max) + 1e-14 * point.norm();
  }

  // Moves the limits that `force` passes to where it is.
  void let_through(const Vec3& force) {
    for (int k = 0; k < contact_.row_count; ++k) {
      TorqueRow& row = contact_.row[index(k)];
      const double torque = row.arm.dot(force);
      row.low = std::min(row.low, torque);
      row.high = std::max(row.high, torque);
    }
  }

  Limit limit(LimitSide side) const {
    const TorqueRow& row = contact_.row[index(side.row)];
    return {side.sign * row.arm, side.sign > 0.0 ? row.high : -row.low};
  }

  // The side that the force passes most. False: none.
  bool most_passed(const Vec3& force, LimitSide& worst) const {
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

  bool meets(const ActiveLimits& limits, const Vec3& force) const {
    for (int i = 0; i < limits.count; ++i) {
      const Limit l = limit(limits.side[index(i)]);
      if (l.arm.dot(force) > l.limit + slack_) return false;
    }
    return true;
  }

  // The part of the way from one force to another that no limit forbids, 0 to 1.
  double way_to(const Vec3& to, const Vec3& from) const {
    double part = 1.0;
    for (int k = 0; k < contact_.row_count; ++k) {
      const TorqueRow& row = contact_.row[index(k)];
      const double start = row.arm.dot(from), rise = row.arm.dot(to) - start;
      const double room = (rise > 0.0 ? row.high : row.low) - start;
      if (room / rise < part) part = std::max(0.0, room / rise);
    }
    return part;
  }

  // Nearest force of the cone on all these limits at once, and their prices. False: none.
  bool nearest(const Vec3& point, ActiveLimits& limits, ForceProjection& out,
               WorkBudget& work) const {
    work.spend(kTrial);
    if (limits.count == 1) return on_plane(point, limits, out, work);
    if (limits.count == 2) return on_line(point, limits, out);
    return on_point(point, limits, out);
  }

 private:
  static constexpr double kSlack = 1e-10;  // of the lid
  static constexpr int kTrial = 4;         // work, besides that for the price of a plane

  static constexpr std::size_t index(int k) { return static_cast<std::size_t>(k); }

  // To an arm of one. Returns the factor.
  static double scale(TorqueRow& row) {
    const double length = row.arm.norm();
    if (!(length > 0.0)) return 1.0;
    row = {row.arm / length, row.low / length, row.high / length};
    return 1.0 / length;
  }

  bool on_plane(const Vec3& point, ActiveLimits& limits, ForceProjection& out,
                WorkBudget& work) const {
    const Limit l = limit(limits.side[0]);
    const TorqueOfPrice torque_at(contact_, point, l.arm);
    const double price = price_of_limit(torque_at, contact_, l.limit, 0.1 * slack_, work);
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
  double slack_ = 0.0;                            // [N]
  std::array<double, kMaxTorqueRows> shorten_{};  // [1/m]
};

}  // namespace handloop
