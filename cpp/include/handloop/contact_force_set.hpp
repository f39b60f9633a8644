// What one contact can exert: a friction cone between plate and lid, cut by torque limits.
//
// The force of a pad must leave the joints of its finger within what is left of their torque:
// low <= arm . force <= high. The nearest force lies on one, two or three limits, of which at least
// one is passed by the nearest force of the cone alone. One limit: its multiplier is the root of a
// falling function. Two: a line through the cone. Three: a point. All that can be are looked at, so
// there is nothing to converge and nothing to cycle.
#pragma once

#include <Eigen/Dense>
#include <limits>

#include "handloop/friction_cone.hpp"
#include "handloop/newton_ascent.hpp"

namespace handloop {

// A contact's set of forces, with the torque rows at unit length.
class ContactForceSet {
 public:
  using RowVector = std::array<double, kMaxTorqueRows>;

  void assign(const GraspContact& contact) {
    contact_ = contact;
    slack_ = kSlack * (1.0 + contact.force_max);
    relaxed_ = false;
    multiplier_.fill(0.0);
    for (int k = 0; k < contact_.row_count; ++k) {
      shorten_[index(k)] = scale(contact_.row[index(k)]);
    }
    if (contact_.row_count > 0) make_room();
  }

  const GraspContact& contact() const { return contact_; }
  // No force between plate and lid met the torque rows, so they were widened.
  bool relaxed() const { return relaxed_; }

  void project(const Vec3& point, ForceProjection& out) {
    project_on_cone(contact_, point, out);
    if (contact_.row_count == 0) return;
    multiplier_.fill(0.0);
    if (!allowed(out.force)) cut(point, out);
  }

  // Multipliers of the rows as they were given, in the unit of the weighted cost.
  RowVector prices() const {
    RowVector price{};
    for (int k = 0; k < contact_.row_count; ++k) {
      price[index(k)] = contact_.weight * multiplier_[index(k)] * shorten_[index(k)];
    }
    return price;
  }

 private:
  // One side of a row: arm . force <= limit, at unit length.
  struct Limit {
    Vec3 arm;
    double limit;
    int row;
    double sign;  // of the multiplier of the row
    bool passed;  // by the nearest force of the cone alone
  };
  using Limits = std::array<Limit, 2 * kMaxTorqueRows>;

  static constexpr double kSlack = 1e-10;  // of the lid
  static constexpr std::size_t index(int k) { return static_cast<std::size_t>(k); }

  // To an arm of one. Returns the factor.
  static double scale(TorqueRow& row) {
    const double length = row.arm.norm();
    if (!(length > 0.0)) return 1.0;
    row = {row.arm / length, row.low / length, row.high / length};
    return 1.0 / length;
  }

  bool allowed(const Vec3& force) const {
    for (int k = 0; k < contact_.row_count; ++k) {
      const TorqueRow& row = contact_.row[index(k)];
      const double torque = row.arm.dot(force);
      if (torque > row.high + slack_ || torque < row.low - slack_) return false;
    }
    return true;
  }

  // Rows that cannot be met together are all widened by the same force at unit arm, the least.
  void make_room() {
    ForceProjection nearest;
    project_on_cone(contact_, Vec3::Zero(), nearest);
    if (allowed(nearest.force) || cut(Vec3::Zero(), nearest)) return;
    relaxed_ = true;
    const GraspContact given = contact_;
    double none = 0.0, enough = 0.0;
    for (int k = 0; k < given.row_count; ++k) {
      const TorqueRow& row = given.row[index(k)];
      const double torque = row.arm.dot(contact_.force_min * contact_.normal);
      enough = std::max({enough, torque - row.high, row.low - torque});
    }
    for (int halving = 0; halving < 24; ++halving) {
      const double middle = 0.5 * (none + enough);
      widen(given, middle);
      project_on_cone(contact_, Vec3::Zero(), nearest);
      (allowed(nearest.force) || cut(Vec3::Zero(), nearest) ? enough : none) = middle;
    }
    widen(given, enough);
  }

  void widen(const GraspContact& given, double by) {
    for (int k = 0; k < given.row_count; ++k) {
      contact_.row[index(k)].low = given.row[index(k)].low - by;
      contact_.row[index(k)].high = given.row[index(k)].high + by;
    }
  }

  int list_limits(const Vec3& force, Limits& limits) const {
    int count = 0;
    for (int k = 0; k < contact_.row_count; ++k) {
      const TorqueRow& row = contact_.row[index(k)];
      const double torque = row.arm.dot(force);
      limits[index(count++)] = {row.arm, row.high, k, 1.0, torque > row.high + slack_};
      limits[index(count++)] = {-row.arm, -row.low, k, -1.0, torque < row.low - slack_};
    }
    return count;
  }

  // From the nearest force of the cone to that of the whole set. False: the set is empty.
  bool cut(const Vec3& point, ForceProjection& out) {
    Limits limits;
    const int count = list_limits(out.force, limits);
    for (int i = 0; i < count; ++i) {
      if (limits[index(i)].passed && on_one(point, limits[index(i)], out)) return true;
    }
    double nearest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < count; ++i) {
      if (!limits[index(i)].passed) continue;
      for (int j = 0; j < count; ++j) {
        // Of two that are passed, the pair is looked at once.
        if (limits[index(j)].row == limits[index(i)].row || (limits[index(j)].passed && j < i)) {
          continue;
        }
        on_two(point, limits[index(i)], limits[index(j)], nearest, out);
        for (int k = j + 1; k < count; ++k) {
          on_three(point, limits[index(i)], limits[index(j)], limits[index(k)], nearest, out);
        }
      }
    }
    return nearest < std::numeric_limits<double>::infinity();
  }

  // Newton's method between brackets. True: this limit alone is all it takes.
  bool on_one(const Vec3& point, const Limit& limit, ForceProjection& out) {
    ForceProjection p;
    double price = 0.0, low = 0.0, high = std::numeric_limits<double>::infinity();
    project_on_cone(contact_, point, p);
    for (int i = 0; i < 60; ++i) {
      const double passed = limit.arm.dot(p.force) - limit.limit;
      if (std::abs(passed) <= 0.1 * slack_) break;
      (passed > 0.0 ? low : high) = price;
      const double slope = limit.arm.dot(p.jacobian * limit.arm);
      const double step = slope > 1e-12 ? price + passed / slope : low - 1.0;
      const bool open = high == std::numeric_limits<double>::infinity();
      const double middle =
          open ? 2.0 * low + point.norm() + contact_.force_max : 0.5 * (low + high);
      price = step > low && step < high ? step : middle;
      project_on_cone(contact_, point - price * limit.arm, p);
    }
    if (!allowed(p.force)) return false;
    out = p;
    const Vec3 moved = p.jacobian * limit.arm;
    const double slope = limit.arm.dot(moved);
    if (slope > 1e-14) out.jacobian -= moved * (moved / slope).transpose();
    multiplier_[index(limit.row)] = limit.sign * price;
    return true;
  }

  // Takes the force if it is allowed and nearer. True: taken.
  bool take(const Vec3& point, const Vec3& force, double& nearest, ForceProjection& out) {
    const double distance = (force - point).squaredNorm();
    if (!(distance < nearest) || !allowed(force)) return false;
    nearest = distance;
    out.force = force;
    multiplier_.fill(0.0);
    return true;
  }

  void on_two(const Vec3& point, const Limit& a, const Limit& b, double& nearest,
              ForceProjection& out) {
    Vec3 along = a.arm.cross(b.arm);
    const double sine = along.squaredNorm();
    if (sine < 1e-12) return;
    const Vec3 start = (a.limit * b.arm.cross(along) + b.limit * along.cross(a.arm)) / sine;
    along /= std::sqrt(sine);
    double low = 0.0, high = 0.0;
    if (!chord(start, along, low, high)) return;
    const double free = along.dot(point - start);
    const double t = std::clamp(free, low, high);
    if (!take(point, start + t * along, nearest, out)) return;
    out.jacobian = t == free ? Mat3(along * along.transpose()) : Mat3(Mat3::Zero());
    Mat3 arms;
    arms << a.arm, b.arm, t == free ? along : outward(out.force);
    const Vec3 price = arms.fullPivLu().solve(point - out.force);
    multiplier_[index(a.row)] = a.sign * price[0];
    multiplier_[index(b.row)] = b.sign * price[1];
  }

  void on_three(const Vec3& point, const Limit& a, const Limit& b, const Limit& c, double& nearest,
                ForceProjection& out) {
    if (c.row == a.row || c.row == b.row) return;
    const Vec3 normal = b.arm.cross(c.arm);
    const double volume = a.arm.dot(normal);
    if (std::abs(volume) < 1e-9) return;
    const Vec3 force =
        (a.limit * normal + b.limit * c.arm.cross(a.arm) + c.limit * a.arm.cross(b.arm)) / volume;
    if (!on_cone(force) || !take(point, force, nearest, out)) return;
    out.jacobian.setZero();
    Mat3 arms;
    arms << a.arm, b.arm, c.arm;
    const Vec3 price = arms.fullPivLu().solve(point - force);
    multiplier_[index(a.row)] = a.sign * price[0];
    multiplier_[index(b.row)] = b.sign * price[1];
    multiplier_[index(c.row)] = c.sign * price[2];
  }

  bool on_cone(const Vec3& force) const {
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

  // The part of the line start + t along that lies in cone, plate and lid. False: none.
  bool chord(const Vec3& start, const Vec3& along, double& low, double& high) const {
    const double rise = along.dot(contact_.normal), height = start.dot(contact_.normal);
    low = -1e9;
    high = 1e9;
    if (std::abs(rise) > 1e-12) {
      const double plate = (contact_.force_min - height) / rise;
      const double lid = (contact_.force_max - height) / rise;
      low = std::min(plate, lid);
      high = std::max(plate, lid);
    } else if (height < contact_.force_min - slack_ || height > contact_.force_max + slack_) {
      return false;
    }
    // |tangential|^2 - friction^2 normal^2 = a t^2 + 2 b t + c, negative inside.
    const double spread = 1.0 + contact_.friction * contact_.friction;
    const double a = 1.0 - spread * rise * rise;
    const double b = start.dot(along) - spread * height * rise;
    const double c = start.squaredNorm() - spread * height * height;
    const double root2 = b * b - a * c;
    if (std::abs(a) < 1e-12) {
      if (std::abs(b) < 1e-12) return c <= 0.0 && low <= high;
      (b > 0.0 ? high : low) = b > 0.0 ? std::min(high, -0.5 * c / b) : std::max(low, -0.5 * c / b);
      return low <= high;
    }
    if (root2 < 0.0) return a < 0.0 && low <= high;
    const double first = (-b - std::sqrt(root2)) / a, second = (-b + std::sqrt(root2)) / a;
    if (a > 0.0) {
      low = std::max(low, first);
      high = std::min(high, second);
    } else if (rise > 0.0) {
      low = std::max(low, std::max(first, second));
    } else {
      high = std::min(high, std::min(first, second));
    }
    return low <= high;
  }

  GraspContact contact_;
  bool relaxed_ = false;
  double slack_ = 0.0;      // [N], what counts as met
  RowVector multiplier_{};  // [N], of rows at unit length
  RowVector shorten_{};     // [1/m], from a row as given to unit length
};

}  // namespace handloop
