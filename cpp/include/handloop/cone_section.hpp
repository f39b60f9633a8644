// Where a torque limit cuts a friction cone: the nearest force on a plane through it, and the part
// of a line that lies in it.
#pragma once

#include <Eigen/Geometry>
#include <limits>

#include "handloop/friction_cone.hpp"

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
    const double short_of =
        0.5 * (1.0 + square) * (c_.force_min + c_.force_max) - normal_;
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

// The price at which the torque has come down to `limit`. Newton's method between brackets, which
// are halved where it is slow; at first from where a far point leads, as there the torque falls
// within a small part of the way. Infinite: no price brings it down, or none is needed.
inline double price_of_limit(const TorqueOfPrice& torque_at, const GraspContact& c, double limit,
                             double slack) {
  constexpr int kMaxEvaluations = 60;
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const std::array<double, 4> guess{0.0, torque_at.on_rim(limit, c.force_max),
                                    torque_at.on_mantle(), torque_at.on_rim(limit, c.force_min)};
  std::size_t guesses = 0;
  double price = 0.0, low = 0.0, high = kInfinite, before = kInfinite;
  for (int i = 0; i < kMaxEvaluations; ++i) {
    const auto [torque, slope] = torque_at(price);
    const double passed = torque - limit;
#ifdef COUNT_EVAL
    ++eval_count;
#endif
    if (std::abs(passed) <= slack) return price;
    if (passed < 0.0 && price == 0.0) return kInfinite;
    (passed > 0.0 ? low : high) = price;
    const double step = price + passed / slope;
    while (++guesses < guess.size() && !(guess[guesses] > low && guess[guesses] < high)) {
    }
    if (guesses < guess.size()) {
      price = guess[guesses];
      continue;
    }
    const bool slow = std::abs(passed) > 0.5 * before;
    before = std::abs(passed);
    if (high == kInfinite) {
      price = step < 1e6 && !slow ? step : 4.0 * low + 1.0;
    } else {
      price = step > low && step < high && !slow ? step : 0.5 * (low + high);
    }
  }
  return kInfinite;
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
  if (a >= 0.0 || rise < 0.0) stretch.high = std::min(stretch.high, a < 0.0 ? std::min(one, other) : std::max(one, other));
  if (a >= 0.0 || rise > 0.0) stretch.low = std::max(stretch.low, a < 0.0 ? std::max(one, other) : std::min(one, other));
}

}  // namespace handloop
