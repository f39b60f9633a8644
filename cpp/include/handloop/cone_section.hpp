// Where a torque limit cuts a friction cone: the nearest force on a plane through it, and the part
// of a line that lies in it.
#pragma once

#include <Eigen/Geometry>
#include <limits>

#include "handloop/friction_cone.hpp"
#include "handloop/work_budget.hpp"

namespace handloop {

// arm . force of the nearest force of the cone to point - price * arm, as a function of the price.
// It never rises. Seen along the cone's normal only lengths change with the price: evaluated by
// numbers alone, and without loss of digits where the point is far away.
class TorqueOfPrice {
 public:
  struct Value {
    double torque, slope;  // slope: how fast it falls
  };

  TorqueOfPrice(const GraspContact& contact, const Vec3& point, const Vec3& arm)
      : c_(contact), normal_(contact.normal.dot(point)), arm_normal_(contact.normal.dot(arm)) {
    const Vec3 arm_tangent = arm - arm_normal_ * c_.normal;
    const Vec3 tangent = point - normal_ * c_.normal;
    arm_tangential_ = arm_tangent.norm();
    // A tangential arm of rounding errors has no direction.
    if (arm_tangential_ < 1e-12) arm_tangential_ = 0.0;
    const Vec3 along =
        arm_tangential_ > 0.0 ? Vec3(arm_tangent / arm_tangential_) : c_.normal.unitOrthogonal();
    along_ = along.dot(tangent);
    across_ = (tangent - along_ * along).norm();
  }

  // The least torque that any price leads to.
  double least() const {
    const double slope = arm_normal_ - c_.friction * arm_tangential_;
    return slope * (slope > 0.0 ? c_.force_min : c_.force_max);
  }

  // The size of prices that count, beyond which a slope next to zero leads nowhere, [N].
  double farthest() const { return 1e6 * (1.0 + std::abs(normal_) + std::abs(along_) + across_); }

  // The price at which the torque is `limit` if the force lies on a rim, at this height, as that of
  // a far point mostly does. Not a number, or below zero: there is none.
  double on_rim(double limit, double height) const {
    const double reach = c_.friction * height * arm_tangential_;
    const double cosine = (limit - height * arm_normal_) / reach;
    const double along = across_ * cosine / std::sqrt(1.0 - cosine * cosine);
    return (along_ - along) / arm_tangential_;
  }

  // The price at which the force slides half way between plate and lid: normal + friction
  // tangential = (1 + friction^2) height, a quadratic equation once squared.
  double on_mantle() const {
    const double square = c_.friction * c_.friction;
    const double short_of = 0.5 * (1.0 + square) * (c_.force_min + c_.force_max) - normal_;
    const double a = square * arm_tangential_ * arm_tangential_ - arm_normal_ * arm_normal_;
    const double b = square * along_ * arm_tangential_ + short_of * arm_normal_;
    const double c = square * (along_ * along_ + across_ * across_) - short_of * short_of;
    const double root = std::sqrt(std::max(0.0, b * b - a * c));
    const double one = (b + root) / a, other = (b - root) / a;
    const auto slides = [&](double price) {
      return price > 0.0 && short_of + price * arm_normal_ >= 0.0;
    };
    if (!slides(one)) return other;
    return slides(other) ? std::min(one, other) : one;
  }

  Value operator()(double price) const {
    const double normal = normal_ - price * arm_normal_, along = along_ - price * arm_tangential_;
    const double tangential = std::sqrt(along * along + across_ * across_);
    const double sticking = std::clamp(normal, c_.force_min, c_.force_max);
    if (tangential <= c_.friction * sticking) {
      const double free = sticking == normal ? arm_normal_ * arm_normal_ : 0.0;
      return {arm_normal_ * sticking + arm_tangential_ * along,
              arm_tangential_ * arm_tangential_ + free};
    }
    const double steepness = 1.0 / (1.0 + c_.friction * c_.friction);
    const double sliding = (normal + c_.friction * tangential) * steepness;
    const double height = std::clamp(sliding, c_.force_min, c_.force_max);
    const double cosine = along / tangential, sine = across_ / tangential;
    const double climb = arm_normal_ + c_.friction * cosine * arm_tangential_;
    const double turn = sine * arm_tangential_;
    return {height * climb, (height == sliding ? steepness * climb * climb : 0.0) +
                                c_.friction * height / tangential * turn * turn};
  }

 private:
  const GraspContact& c_;
  double normal_, arm_normal_;
  double arm_tangential_ = 0.0, along_ = 0.0, across_ = 0.0;
};

// Looks for the price at which the torque has come down to a limit: Newton's method between
// brackets, which are halved where it is slow.
class PriceSearch {
 public:
  PriceSearch(const TorqueOfPrice& torque_at, double limit, double slack, WorkBudget& work)
      : torque_at_(torque_at), limit_(limit), slack_(slack), work_(work) {}

  void look(double price) {
    work_.spend(1);
    const auto [torque, slope] = torque_at_(price);
    price_ = price;
    slope_ = slope;
    before_ = std::abs(passed_);
    passed_ = torque - limit_;
    (passed_ > 0.0 ? low_ : high_) = price;
  }

  double price() const { return price_; }
  bool found() const { return std::abs(passed_) <= slack_; }
  bool too_high() const { return passed_ < 0.0; }
  bool brackets(double price) const { return price > low_ && price < high_; }

  double next() const {
    const bool slow = std::abs(passed_) > 0.5 * before_;
    const double step = price_ + passed_ / slope_;
    if (!slow && brackets(step) && step < torque_at_.farthest()) return step;
    return high_ < kInfinite ? 0.5 * (low_ + high_) : 4.0 * low_ + 1.0;
  }

 private:
  static constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const TorqueOfPrice& torque_at_;
  double limit_, slack_;
  WorkBudget& work_;
  double price_ = 0.0, slope_ = 0.0, passed_ = kInfinite, before_ = kInfinite;
  double low_ = 0.0, high_ = kInfinite;
};

// Infinite: no price brings the torque down to `limit`, or none is needed, or none was found before
// the work was spent.
inline double price_of_limit(const TorqueOfPrice& torque_at, const GraspContact& c, double limit,
                             double slack, WorkBudget& work) {
  constexpr int kMaxSteps = 60;
  constexpr double kNone = std::numeric_limits<double>::infinity();
  if (torque_at.least() > limit + slack) return kNone;
  PriceSearch search(torque_at, limit, slack, work);
  search.look(0.0);
  if (!search.found() && search.too_high()) return kNone;
  // Of a far point the torque falls within a small part of the way: at one of these.
  for (const double guess : {torque_at.on_rim(limit, c.force_max), torque_at.on_mantle(),
                             torque_at.on_rim(limit, c.force_min)}) {
    if (!search.found() && search.brackets(guess)) search.look(guess);
  }
  for (int i = 0; i < kMaxSteps && !search.found() && !work.over(); ++i) {
    search.look(search.next());
  }
  return search.found() ? search.price() : kNone;
}

// A stretch of a line, by the distance from its start.
struct Stretch {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool empty() const { return !(low <= high); }
};

// Between plate and lid.
inline void clip_by_bounds(const GraspContact& c, const Vec3& start, const Vec3& along,
                           Stretch& stretch) {
  const double rise = along.dot(c.normal), height = start.dot(c.normal);
  const double plate = (c.force_min - height) / rise, lid = (c.force_max - height) / rise;
  stretch.low = std::max(stretch.low, std::min(plate, lid));
  stretch.high = std::min(stretch.high, std::max(plate, lid));
}

// |tangential|^2 - friction^2 normal^2 = a t^2 + 2 b t + c, negative in the cone and in the
// mirror image below its tip.
inline void clip_by_mantle(const GraspContact& contact, const Vec3& start, const Vec3& along,
                           Stretch& stretch) {
  const double rise = along.dot(contact.normal), height = start.dot(contact.normal);
  const double spread = 1.0 + contact.friction * contact.friction;
  const double a = along.squaredNorm() - spread * rise * rise;
  const double b = start.dot(along) - spread * height * rise;
  const double c = start.squaredNorm() - spread * height * height;
  const double discriminant = b * b - a * c;
  if (discriminant < 0.0) {
    if (a > 0.0) stretch.high = -std::numeric_limits<double>::infinity();
    return;
  }
  // The form of the roots that does not cancel.
  const double sum = -(b + std::copysign(std::sqrt(discriminant), b));
  const double one = sum / a, other = sum != 0.0 ? c / sum : 0.0;
  const auto [first, last] = std::minmax(one, other);
  if (a >= 0.0) {
    stretch.low = std::max(stretch.low, first);
    stretch.high = std::min(stretch.high, last);
  } else if (rise > 0.0) {
    stretch.low = std::max(stretch.low, last);
  } else {
    stretch.high = std::min(stretch.high, first);
  }
}

}  // namespace handloop
